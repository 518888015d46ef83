package jsonlog_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"testing"
	"unicode"

	"github.com/keysmith/keysmith/shared/jsonlog"
)

func TestNoCharacterOfATextCanBeObeyed(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r >= 0xd800 && r < 0xe000 || !(unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) || r == 'é') {
			continue
		}
		text := "before " + string(r) + " after"
		var out bytes.Buffer
		jsonlog.New(&out, slog.LevelInfo).With(text, text).Error(text, "err", errors.New(text), "group", slog.GroupValue(slog.String(text, text)))
		line, rest, ended := strings.Cut(out.String(), "\n")
		if !ended || rest != "" || r != 'é' && strings.ContainsRune(line, r) {
			t.Errorf("%U: %q", r, out.String())
		}
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry["msg"] != text || entry[text] != text || entry["err"] != text {
			t.Errorf("%U: %v in %q", r, err, line)
		}
	}
}

// The runtime of Lambda writes the error of an invocation with package log.
func TestWhatTheRuntimeWritesIsJSONToo(t *testing.T) {
	before, flags, out := slog.Default(), log.Flags(), log.Writer()
	defer func() {
		slog.SetDefault(before)
		log.SetFlags(flags)
		log.SetOutput(out)
	}()
	var written bytes.Buffer
	jsonlog.SetDefault(jsonlog.New(&written, slog.LevelInfo))
	const payload = "{\"errorMessage\":\"line one\\nline two\u0085\"}"
	log.Printf("%s", payload)
	var entry struct{ Level, Msg string }
	if err := json.Unmarshal(written.Bytes(), &entry); err != nil || entry.Msg != payload || entry.Level != "ERROR" {
		t.Errorf("%v: %q", err, written.String())
	}
	if n := strings.Count(written.String(), "\n"); n != 1 {
		t.Error(fmt.Sprint(n, " lines"))
	}
}
