package pullfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatIsSavedIsLoaded(t *testing.T) {
	dir := t.TempDir()
	if r, err := Load(dir); r != nil || err != nil || len(r.Digests()) != 0 {
		t.Errorf("without a file: %+v, %v", r, err)
	}
	saved := Record{Account: "111122223333", Keys: []Key{{Object: "policies/a.json", CanonicalSHA256: "ab"}}}
	if err := saved.Save(dir); err != nil {
		t.Fatal(err)
	}
	r, err := Load(dir)
	if err != nil || r.Finished != nil || r.Digests()["policies/a.json"] != "ab" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestAFileThatCannotBeReadSaysWhatToDo(t *testing.T) {
	for text, say := range map[string]string{`{`: "restore it from Git", `{"schema": "keysmith.pull/9"}`: `the schema is "keysmith.pull/9"`} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, Name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
