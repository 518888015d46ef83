//go:build race

package functest

// Racing reports that the race detector is on, which makes everything slower.
const Racing = true
