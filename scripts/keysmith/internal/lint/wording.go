package lint

import (
	"strings"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// reword names the settings as they are called here: the rules call them as the
// function does, by the variables of its environment.
func reword(findings []keypolicy.Finding) {
	for i := range findings {
		for _, d := range repoconfig.Definitions {
			variable := strings.ToUpper(strings.ReplaceAll(d.Name, "-", "_"))
			if text := findings[i].Message; strings.Contains(variable, "_") && !strings.Contains(text, d.Name) {
				findings[i].Message = strings.Replace(text, variable, d.Name+" ("+variable+")", 1)
			}
		}
	}
}
