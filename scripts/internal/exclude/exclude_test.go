package exclude

import (
	"path/filepath"
	"testing"
)

func TestPatternsLeaveOutNamesAnywhereAndPathsBelowTheirFolder(t *testing.T) {
	p, err := New("/r", []string{"testdata", "old/**/*.json", "*.tmp.json", "./sub/one.json", "/top"})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		"/r/a/testdata/x.json": true, "/r/testdata": true, "/r/testdata2/x.json": false, "/r/old/a/b.json": true, "/r/old/b.json": true,
		"/r/new/old/b.json": false, "/r/a/x.tmp.json": true, "/r/sub/one.json": true, "/r/sub/sub/one.json": false, "/r/x.json": false,
	} {
		if got := p.Match(filepath.FromSlash(path)); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}
