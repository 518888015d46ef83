package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/keysmith/keysmith/shared/samples"
)

// sam is the SAM CLI and its settings.
type sam struct {
	program      string
	address      string
	architecture string
	template     string // built; empty for where sam build leaves it
	envFile      string
}

// prepare writes the variables that differ from the template's: what a
// deployment would have filled in, and a shorter proof.
func (s *sam) prepare(w samples.World) error {
	variables := strings.ReplaceAll(w.File("variables.json"), "127.0.0.1:4566", s.address)
	f, err := os.CreateTemp("", "keysmith-env-*.json")
	if err != nil {
		return err
	}
	s.envFile = f.Name()
	_, err = f.WriteString(variables)
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

func (s *sam) cleanUp() { _ = os.Remove(s.envFile) }

// invoke hands event to the function in SAM's container and returns its
// answer. The exit status of "sam local invoke" is 0 even where the function
// could not start: only the output tells.
func (s *sam) invoke(ctx context.Context, event []byte) ([]byte, error) {
	args := []string{"local", "invoke", "ApplyFunction",
		"--event", "-", "--env-vars", s.envFile, "--skip-pull-image", "--parameter-overrides", "Architecture=" + s.architecture}
	if s.template != "" {
		args = append(args, "--template-file", s.template)
	}
	cmd := exec.CommandContext(ctx, s.program, args...)
	cmd.Stdin = bytes.NewReader(event)
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("running sam local invoke: %w\n%s", err, log.Bytes())
	}
	lines := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n"))
	answer := lines[len(lines)-1] // the lines before it are the function's metrics
	if !json.Valid(answer) || len(answer) == 0 {
		return nil, fmt.Errorf("reading the answer of sam local invoke: %q is not JSON\n%s", answer, log.Bytes())
	}
	return answer, nil
}
