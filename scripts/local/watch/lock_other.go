//go:build !unix

package watch

// lock does nothing where a folder cannot be locked.
func lock(string) (release func(), err error) { return func() {}, nil }
