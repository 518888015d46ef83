package sam_test

import (
	"io/fs"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/keysmith/keysmith/shared/settings"
)

// SAM calls the same target: what it copies is what Lambda unpacks into /opt.
func TestTheLayerHoldsTheGuardrailsAndNoCode(t *testing.T) {
	dir := t.TempDir()
	make := exec.CommandContext(t.Context(), "make", "-C", "../..", "build-GuardrailsLayer", "ARTIFACTS_DIR="+dir)
	if out, err := make.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if _, err := settings.LoadGuardrails(filepath.Join(dir, "guardrails")); err != nil {
		t.Error(err)
	}
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch filepath.Ext(path) {
		case ".json", ".yaml", ".md":
			files++
		default:
			if err == nil && !d.IsDir() {
				t.Errorf("the layer holds %s", path)
			}
		}
		return err
	})
	if err != nil || files < 20 {
		t.Errorf("the layer has %d files, %v", files, err)
	}
	if dir := load(t, nil).Functions[0].Environment["GUARDRAILS_DIR"]; dir != settings.Layer {
		t.Errorf("the function looks in %s, the layer is unpacked into %s", dir, settings.Layer)
	}
}
