package repoconfig

import (
	"strings"

	"github.com/spf13/pflag"
)

// setting is a flag that keysmith.yaml knows too.
type setting struct {
	Definition
	set Set
}

// Flags declares the flags of these names, those of keysmith.yaml, and
// returns the set that they fill.
func Flags(flags *pflag.FlagSet, names ...string) Set {
	set := Set{}
	for _, name := range names {
		d, known := Lookup(name)
		if !known {
			panic("no setting " + name) // a mistake in the program
		}
		f := flags.VarPF(&setting{d, set}, name, "", d.Usage)
		if d.Kind == Switch {
			f.NoOptDefVal = "true"
		}
	}
	return set
}

func (s *setting) String() string {
	if e, ok := s.set[s.Name]; ok {
		return strings.Join(e.Values, ",")
	}
	return s.Unset
}

// Type names the value in help.
func (s *setting) Type() string {
	return [...]string{"text", "list", "bool"}[s.Kind]
}

// Set checks what stands behind the flag. A list may be given in parts.
func (s *setting) Set(text string) error {
	e := Entry{From: "--" + s.Name, Values: []string{text}}
	if s.Kind == List {
		e.Values = strings.FieldsFunc(text, func(r rune) bool { return r == ',' })
	}
	for i, v := range e.Values {
		e.Values[i] = strings.TrimSpace(v)
		if err := s.CheckFlag(e.Values[i]); err != nil {
			return err
		}
	}
	if s.Kind == List {
		e.Values = append(s.set[s.Name].Values, e.Values...)
	}
	s.set[s.Name] = e
	return nil
}
