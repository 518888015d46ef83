//go:build !linux

package main

import "time"

// sleep may take longer than it is asked to; see the one for Linux.
func sleep(d time.Duration) { time.Sleep(d) }
