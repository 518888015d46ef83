//go:build !race

package statespace

const racing = false
