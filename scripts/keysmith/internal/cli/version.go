package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
	"golang.org/x/mod/module"
)

// What make build writes into the program. The Go tool writes the same, unless it
// is told not to, and where it installs a version of the module.
var version, commit, modified string

// Build says which program this is.
type Build struct {
	Version  string `json:"version"`          // "(devel)" where it was not installed as a release
	Commit   string `json:"commit,omitempty"` // empty where it is not known
	Time     string `json:"time,omitempty"`
	Modified bool   `json:"modified"` // the tree had changes that are not in the commit
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// ThisBuild reads what the Go tool wrote into the program.
func ThisBuild() Build {
	b := Build{Version: version, Commit: commit, Modified: modified == "true", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if b.Version == "" {
		b.Version = info.Main.Version
	}
	if rev, err := module.PseudoVersionRev(info.Main.Version); err == nil && b.Commit == "" {
		b.Commit = rev
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// tree says whether what was built is what the commit has.
func (b Build) tree() string {
	switch {
	case b.Commit == "":
		return "unknown (the program was built without what Git knows)"
	case b.Modified:
		return b.Commit + " and changes that are not in it"
	}
	return b.Commit + ", clean tree"
}

// Version is the command that says which program this is.
func Version(env Env) *cobra.Command {
	format := NewChoice("text", "json")
	c := &cobra.Command{
		Use:   "version",
		Short: "Print the version, the commit and the Go version",
		Args:  None("version"),
		RunE: func(*cobra.Command, []string) error {
			b := ThisBuild()
			if format.Value == "json" {
				return WriteJSON(env.Out, b)
			}
			_, err := fmt.Fprintf(env.Out, "keysmith %s\ncommit   %s\ngo       %s %s\n", b.Version, b.tree(), b.Go, b.Platform)
			return err
		},
	}
	format.Register(c, "format", "format of the answer")
	return c
}
