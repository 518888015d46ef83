package push

import (
	"sync"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/desired"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/pullfile"
)

// pulls are the digests that pull recorded, by the folder that holds policies/.
type pulls struct {
	mu      sync.Mutex
	folders map[string]map[string]string
}

// of is the digest that pull recorded for an object; empty where it did not. A file
// that cannot be read is an error: without it a change by somebody else would be
// replaced unseen.
func (p *pulls) of(d *desired.Policy) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	digests, known := p.folders[d.Root]
	if !known {
		record, err := pullfile.Load(d.Root)
		if err != nil {
			return "", err
		}
		digests = record.Digests()
		if p.folders == nil {
			p.folders = map[string]map[string]string{}
		}
		p.folders[d.Root] = digests
	}
	return digests[d.Object], nil
}
