//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// jobVariable tells the program that it is the job already.
const jobVariable = "KEYSMITH_LOCAL_JOB"

// stopDelay is longer than it takes until a stop that a process has sent to
// itself takes effect. What comes after it happens once the process goes on.
const stopDelay = 100 * time.Millisecond

// ownJob runs this program again as the foreground job of the terminal, where
// make started it, and returns its exit code.
//
// Ctrl-C goes to every process of the foreground job. Where make is one of
// them, it ends with an error even though this program ends well. As a job of
// its own only this program gets Ctrl-C, and make sees exit code 0. Signals that
// somebody sends to make's process group are handed on.
func ownJob() (code int, done bool) {
	tty := int(os.Stdin.Fd()) //nolint:gosec // a file descriptor fits
	if os.Getenv("MAKELEVEL") == "" || os.Getenv(jobVariable) != "" || !term.IsTerminal(tty) {
		return 0, false
	}
	if foreground, err := unix.IoctlGetInt(tty, unix.TIOCGPGRP); err != nil || foreground != unix.Getpgrp() {
		return 0, false // in the background, or the terminal is not this session's
	}
	self, err := os.Executable()
	if err != nil {
		return 0, false
	}
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	signal.Ignore(syscall.SIGTTOU)                             // taking the terminal back is done from the background
	child, err := os.StartProcess(self, os.Args, &os.ProcAttr{ //nolint:gosec // it starts itself, as it was called
		Env:   append(os.Environ(), jobVariable+"=1"),
		Files: []*os.File{os.Stdin, os.Stdout, os.Stderr},
		Sys:   &syscall.SysProcAttr{Foreground: true, Ctty: tty},
	})
	if err != nil {
		return 0, false
	}
	go func() {
		for s := range signals {
			_ = child.Signal(s) // one that has ended needs no signal
		}
	}()
	return attend(child.Pid, tty), true
}

// attend waits for the job, as a shell does: one that is stopped (Ctrl-Z) stops
// make too, and goes on with it.
func attend(pid, tty int) int {
	for {
		var status unix.WaitStatus
		_, err := unix.Wait4(pid, &status, unix.WUNTRACED, nil)
		switch {
		case err == unix.EINTR: //nolint:errorlint // a system call's own error
			continue
		case err != nil:
			return exitFailed
		}
		_ = unix.IoctlSetPointerInt(tty, unix.TIOCSPGRP, unix.Getpgrp())
		if !status.Stopped() {
			if status.Signaled() {
				return 128 + int(status.Signal())
			}
			return status.ExitStatus()
		}
		_ = unix.Kill(0, unix.SIGTSTP)
		time.Sleep(stopDelay)
		_ = unix.IoctlSetPointerInt(tty, unix.TIOCSPGRP, pid)
		_ = unix.Kill(-pid, unix.SIGCONT)
	}
}
