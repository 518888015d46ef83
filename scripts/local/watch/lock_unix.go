//go:build unix

package watch

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lock keeps a second program from watching the same folder: each would upload
// every file to a fake AWS of its own, and only one of them would be looked at.
// The lock is on the folder itself, so that it leaves no file behind.
func lock(folder string) (release func(), err error) {
	d, err := os.Open(folder)
	if err != nil {
		return nil, fmt.Errorf("opening the folder to watch: %w", err)
	}
	err = syscall.Flock(int(d.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) //nolint:gosec // a file descriptor fits
	if errors.Is(err, syscall.EWOULDBLOCK) {
		_ = d.Close()
		return nil, fmt.Errorf("%s is watched already, by another `make local`. Stop that one with Ctrl-C, or watch another folder: make local FOLDER=other", folder)
	}
	// A file system without locks is no reason not to watch.
	return func() { _ = d.Close() }, nil
}
