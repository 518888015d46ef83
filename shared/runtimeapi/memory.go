package runtimeapi

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Memory is what a process occupies, in bytes.
type Memory struct {
	Resident int64 // now
	Peak     int64 // the most so far
}

// Memory reads the resident memory from /proc, which only Linux has.
func (s *Sandbox) Memory() (Memory, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.PID()))
	if err != nil {
		return Memory{}, fmt.Errorf("reading the memory of the sandbox: %w", err)
	}
	m := Memory{Resident: statusBytes(string(text), "VmRSS:"), Peak: statusBytes(string(text), "VmHWM:")}
	if m.Resident == 0 {
		return Memory{}, fmt.Errorf("reading the memory of the sandbox: process %d has none", s.PID())
	}
	return m, nil
}

// statusBytes finds a line such as "VmRSS:	   11812 kB"; zero where there is
// none, as for a process that has ended.
func statusBytes(status, name string) int64 {
	_, rest, _ := strings.Cut(status, name)
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kilobytes, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return 0
	}
	return kilobytes * 1024
}
