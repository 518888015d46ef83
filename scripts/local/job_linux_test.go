package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pseudoTerminal opens both ends of a terminal of its own.
func pseudoTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = master.Close() })
	fd := int(master.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	if slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	return master, slave
}

// Ctrl-C reaches all of the foreground job, and make would end with an error.
func TestCtrlCUnderMakeIsAQuietEnd(t *testing.T) {
	folder := t.TempDir()
	program := filepath.Join(folder, "local")
	if text, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	recipe := fmt.Sprintf("run:\n\t@%s watch --port 0 --bootstrap %s --template %s %s\n", program, built(t), absolute(t, "../../template.yaml"), filepath.Join(folder, "policies"))
	if err := os.WriteFile(filepath.Join(folder, "Makefile"), []byte(recipe), 0o600); err != nil {
		t.Fatal(err)
	}
	master, slave := pseudoTerminal(t)
	cmd := exec.Command("make", "-C", folder, "--no-print-directory", "run")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = slave.Close()
	text := readUntil(t, master, "Ctrl-C")
	if _, err := master.Write([]byte{3}); err != nil {
		t.Fatal(err)
	}
	text += readUntil(t, master, "Stopped.")
	if err := cmd.Wait(); err != nil {
		t.Errorf("make: %v\n%s", err, text)
	}
	if strings.Contains(text, "***") {
		t.Errorf("make complains:\n%s", text)
	}
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	full, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return full
}

func readUntil(t *testing.T, f *os.File, text string) string {
	t.Helper()
	var all bytes.Buffer
	deadline := time.AfterFunc(30*time.Second, func() { _ = f.Close() })
	defer deadline.Stop()
	part := make([]byte, 4096)
	for !strings.Contains(all.String(), text) {
		n, err := f.Read(part)
		all.Write(part[:n])
		if err != nil {
			t.Fatalf("%q never came: %v\n%s", text, err, all.String())
		}
	}
	return all.String()
}
