package cli

import (
	"github.com/spf13/cobra"
)

// Completion is the command that prints a script for a shell.
func Completion(env Env) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print the completion script of a shell",
		Example: `  source <(keysmith completion bash)
  keysmith completion zsh > "${fpath[1]}/_keysmith"
  keysmith completion fish > ~/.config/fish/completions/keysmith.fish`,
		Args:      Exactly(1, "one shell: bash, zsh, fish or powershell"),
		ValidArgs: shells,
		RunE: func(c *cobra.Command, args []string) error {
			switch args[0] {
			case "bash":
				return c.Root().GenBashCompletionV2(env.Out, true)
			case "zsh":
				return c.Root().GenZshCompletion(env.Out)
			case "fish":
				return c.Root().GenFishCompletion(env.Out, true)
			case "powershell":
				return c.Root().GenPowerShellCompletionWithDesc(env.Out)
			}
			return Misuse("there is no script for the shell %q; want one of bash, zsh, fish, powershell", args[0])
		},
	}
}
