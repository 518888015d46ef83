//go:build !race

package effort

const racing = false
