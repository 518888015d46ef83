//go:build race

package effort

const racing = true
