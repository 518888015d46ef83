//go:build race

package statespace

// The race detector makes the explorer ten times slower, and one goroutine
// gives it little to find.
const racing = true
