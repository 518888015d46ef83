package main

import (
	"syscall"
	"time"
)

// sleep blocks the thread: the runtime's own timers wake up in whole
// milliseconds when nothing else is going on, and the stub promises half a one.
func sleep(d time.Duration) {
	left := syscall.NsecToTimespec(int64(d))
	for syscall.Nanosleep(&left, &left) == syscall.EINTR {
	}
}
