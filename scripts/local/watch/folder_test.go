package watch

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func write(t *testing.T, root, path, text string) {
	t.Helper()
	full := filepath.Join(root, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// look takes the changes of one look, as object=text.
func look(t *testing.T, f *folder) []string {
	t.Helper()
	changes, _, err := f.changes()
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, c := range changes {
		if c.gone {
			list = append(list, c.object+" gone")
		} else {
			list = append(list, c.object+"="+string(c.text))
		}
	}
	return list
}

func expectLook(t *testing.T, f *folder, want ...string) {
	t.Helper()
	if got := look(t, f); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAFileIsTakenOnceItHasSettled(t *testing.T) {
	root := t.TempDir()
	f := newFolder(root, nil)
	write(t, root, "a.json", "1")
	expectLook(t, f)
	write(t, root, "a.json", "12")
	expectLook(t, f)
	expectLook(t, f, "policies/a.json=12")
	expectLook(t, f)
}

func TestAChangeOfTheSameSizeIsSeen(t *testing.T) {
	root := t.TempDir()
	f := newFolder(root, nil)
	write(t, root, "a.json", "1")
	look(t, f)
	look(t, f)
	write(t, root, "a.json", "2")
	if err := os.Chtimes(filepath.Join(root, "a.json"), time.Time{}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	look(t, f)
	expectLook(t, f, "policies/a.json=2")
}

func TestADeletedFileIsGoneOnce(t *testing.T) {
	root := t.TempDir()
	f := newFolder(root, nil)
	write(t, root, "a.json", "1")
	look(t, f)
	look(t, f)
	if err := os.Remove(filepath.Join(root, "a.json")); err != nil {
		t.Fatal(err)
	}
	expectLook(t, f, "policies/a.json gone")
	expectLook(t, f)
}

func TestWhatEditorsKeepIsLeftOut(t *testing.T) {
	root := t.TempDir()
	f := newFolder(root, nil)
	for _, name := range []string{".a.json.swp", "a.json~", ".git/config"} {
		write(t, root, name, "x")
	}
	write(t, root, "plans/b.json", "p")
	write(t, root, "keysmith.yaml", "mode: plan")
	write(t, root, "111122223333/us-east-1/c.json", "c")
	look(t, f)
	expectLook(t, f, "policies/111122223333/us-east-1/c.json=c", "plans/b.json=p")
}

func TestWhatIsExcludedIsNotTaken(t *testing.T) {
	root := t.TempDir()
	f := newFolder(root, func(path string) bool { return filepath.Base(path) == "old" })
	write(t, root, "old/a.json", "a")
	write(t, root, "b.json", "b")
	look(t, f)
	expectLook(t, f, "policies/b.json=b")
}
