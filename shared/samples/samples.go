// Package samples reads events/: a sample of every trigger, the world that the
// samples are about, and what must come of each. The function's own tests and
// the tests under the real SAM CLI go by the same files.
package samples

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Names are the samples of a folder, without their ending.
func Names(folder string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".json"))
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no sample in %s", folder)
	}
	return names, nil
}
