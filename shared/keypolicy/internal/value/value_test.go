package value_test

import (
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/value"
)

func TestWhatIsANumberAndWhatADate(t *testing.T) {
	for text, want := range map[string]struct{ number, date bool }{
		"":                          {false, false},
		"0":                         {true, true},
		"-1.5":                      {true, false},
		"1.":                        {false, false},
		".5":                        {false, false},
		"1e3":                       {false, false},
		"2026":                      {true, true},
		"1767225600":                {true, true},
		"2026-01":                   {false, true},
		"2026-1":                    {false, false},
		"2026-01-":                  {false, false},
		"2026-01-31":                {false, true},
		"2026/01/31":                {false, false},
		"2026-01-31T":               {false, false},
		"2026-01-31T10:00":          {false, false},
		"2026-01-31T10:00:00":       {false, false},
		"2026-01-31T10:00:00Z":      {false, true},
		"2026-01-31T10:00:00.125Z":  {false, true},
		"2026-01-31T10:00:00+01:00": {false, true},
		"2026-01-31T10:00:00-0100":  {false, true},
		"2026-01-31T10:00:00+01":    {false, false},
		"2026-01-31T10:00:00 01:00": {false, false},
		"2026-01-31T10:00:00z":      {false, false},
		"a026-01-31":                {false, false},
		"202:-01-31":                {false, false},
		"202/-01-31":                {false, false},
		"2026-01-31T10:00:00+1:00":  {false, false},
		"2026-02-30":                {false, false},
		"12345678901234567890":      {true, true},
	} {
		if got := value.IsNumber(text); got != want.number {
			t.Errorf("%q is a number: %v", text, got)
		}
		if got := value.IsDate(text); got != want.date {
			t.Errorf("%q is a date: %v", text, got)
		}
	}
}

func TestDatesAreReadAsTheyAreWritten(t *testing.T) {
	for text, want := range map[string]string{
		"2026": "2026-01-01T00:00:00Z", "2026-02": "2026-02-01T00:00:00Z", "2026-02-03": "2026-02-03T00:00:00Z", "20260": "1970-01-01T05:37:40Z",
		"1767225600": "2026-01-01T00:00:00Z", "2026-02-03T04:05:06+01:00": "2026-02-03T03:05:06Z", "2026-02-03T04:05:06-0100": "2026-02-03T05:05:06Z",
		"2026-13": "", "tomorrow": "", "": "",
	} {
		got, ok := value.ParseDate(text)
		if ok != (want != "") || ok && got.UTC().Format(time.RFC3339) != want {
			t.Errorf("%q: %s, %v; want %s", text, got, ok, want)
		}
	}
}

func TestRangesAreReadWithTheirHostBits(t *testing.T) {
	for text, want := range map[string]string{
		"10.1.2.3": "10.1.2.3/32", "10.1.2.3/8": "10.1.2.3/8", "2001:db8::1": "2001:db8::1/128", "2001:db8::/32": "2001:db8::/32",
		"": "", "10.1.2": "", "10.1.2.3/33": "", "10.1.2.3/": "", "fe80::1%eth0": "", "fe80::1%eth0/64": "",
	} {
		got, ok := value.ParseRange(text)
		if ok != (want != "") || ok && got.String() != want {
			t.Errorf("%q: %s, %v; want %s", text, got, ok, want)
		}
	}
}
