package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// compile builds a program as folder/bootstrap with the flags of the Makefile,
// so that only what is in the programs differs.
func compile(ctx context.Context, folder, program string) (string, error) {
	out := filepath.Join(folder, "bootstrap")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags", "lambda.norpc",
		"-ldflags", "-s -w -buildid=", "-o", out, program)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", program, err, text)
	}
	return out, nil
}

// sizes are the bytes of a binary and of the archive that would be deployed.
func sizes(bootstrap string) (binary, zipped int, err error) {
	text, err := os.ReadFile(bootstrap)
	if err != nil {
		return 0, 0, fmt.Errorf("measuring the binary: %w", err)
	}
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.DefaultCompression)
	})
	file, err := archive.Create("bootstrap")
	if err == nil {
		_, err = file.Write(text)
	}
	if err == nil {
		err = archive.Close()
	}
	if err != nil {
		return 0, 0, fmt.Errorf("packing the binary: %w", err)
	}
	return len(text), packed.Len(), nil
}
