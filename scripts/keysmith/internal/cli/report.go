package cli

import (
	"encoding/json"
	"io"

	"github.com/spf13/cobra"
)

// WriteJSON writes a value as programs and people read it.
func WriteJSON(out io.Writer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// Colour declares the flag --color and returns what it leads to.
func Colour(command *cobra.Command, env Env) func() bool {
	choice := NewChoice("auto", "always", "never")
	choice.Register(command, "color", "colours in the report")
	return func() bool { return choice.Value == "always" || choice.Value == "auto" && env.Colour }
}
