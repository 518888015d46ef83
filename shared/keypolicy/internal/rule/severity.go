package rule

import "fmt"

// Severity orders findings. The zero value is Info.
type Severity uint8

const (
	Info Severity = iota
	Warning
	Security
	Error
)

// String returns "info", "warning", "security" or "error".
func (s Severity) String() string {
	if s > Error {
		return "unknown"
	}
	return [...]string{"info", "warning", "security", "error"}[s]
}

// MarshalText writes the severity by its name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *Severity) UnmarshalText(text []byte) error {
	parsed, err := ParseSeverity(string(text))
	*s = parsed
	return err
}

// ParseSeverity reads the name of a severity.
func ParseSeverity(name string) (Severity, error) {
	for s := Info; s <= Error; s++ {
		if s.String() == name {
			return s, nil
		}
	}
	return Error, fmt.Errorf("severity %q is none of error, security, warning, info", name)
}
