package status_test

import (
	"testing"

	"github.com/keysmith/keysmith/shared/status"
)

func FuzzWhatIsParsedIsAboutTheObject(f *testing.F) {
	f.Add([]byte(`{"schema":"keysmith.status/1","object":"`+object+`","outcome":"Failed","time":"2026-01-02T03:04:05Z","error":{"code":"THROTTLED","message":"m","retryable":true}}`), object)
	f.Add([]byte(`{}`), object)
	f.Fuzz(func(t *testing.T, text []byte, object string) {
		s, err := status.Parse(text, object)
		if (s == nil) == (err == nil) {
			t.Fatalf("%v and %v", s, err)
		}
		if s != nil && (s.Object != object || s.Schema != status.Schema) {
			t.Errorf("about %q with schema %q", s.Object, s.Schema)
		}
		if s != nil {
			_ = s.Final()
		}
	})
}
