package samples

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// An Expectation is what a sample must lead to.
type Expectation struct {
	// Outcomes are the result events that the bus must have got; a function
	// that was invoked directly returns the same.
	Outcomes []Result `json:"outcomes"`
	// Ignored is how many triggers were none of keysmith's business. Only a
	// direct invocation tells.
	Ignored int `json:"ignored"`
	// BatchItemFailures are the ids of the messages returned to the queue; present
	// exactly where the sample is an SQS batch.
	BatchItemFailures *[]string `json:"batchItemFailures"`
	// Error is what the error of a direct invocation must say; empty for none.
	Error string `json:"error,omitempty"`
	// InForce says by key name which file of events/world/ holds the policy
	// in force afterwards. A key that is not named has kept what it had.
	InForce map[string]string `json:"inForce"`
}

// A Result is what is compared of a result event.
type Result struct {
	Type string `json:"type"`
	Key  string `json:"key,omitempty"` // its name in the world
	Code string `json:"code,omitempty"`
	// RollbackOf is what an upload undoes, as its metadata says.
	RollbackOf string `json:"rollbackOf,omitempty"`
	// Author made the change that is reported as drift, such as user/jane.
	Author string `json:"author,omitempty"`
}

func (r Result) String() string {
	text := r.Type + " " + r.Key + " " + r.Code
	if r.RollbackOf != "" {
		text += " rollback of " + r.RollbackOf
	}
	if r.Author != "" {
		text += " by " + r.Author
	}
	return strings.TrimSpace(text)
}

// LoadExpectation reads what must come of a sample.
func LoadExpectation(folder, name string) (Expectation, error) {
	var e Expectation
	file := filepath.Join(folder, "expected", name+".json")
	text, err := os.ReadFile(file)
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(text, &e); err != nil {
		return e, fmt.Errorf("reading %s: %w", file, err)
	}
	return e, nil
}

// answer is every shape that the function answers in.
type answer struct {
	Outcomes          []event `json:"outcomes"`
	Ignored           int     `json:"ignored"`
	BatchItemFailures []struct {
		ID string `json:"itemIdentifier"`
	} `json:"batchItemFailures"`
	ErrorMessage string `json:"errorMessage"`
}

type event struct {
	Type   string          `json:"detail-type"`
	Detail json.RawMessage `json:"detail"`
}

// Compare returns one line for each thing that is not as expected.
func (e Expectation) Compare(w World, cloud *fakeaws.Cloud, returned []byte) ([]string, error) {
	var a answer
	if err := json.Unmarshal(returned, &a); err != nil {
		return nil, fmt.Errorf("reading the answer %s: %w", returned, err)
	}
	if a.ErrorMessage != "" && (e.Error == "" || !strings.Contains(a.ErrorMessage, e.Error)) {
		return []string{"the function failed: " + a.ErrorMessage}, nil
	}
	var faults []string
	fault := func(what string, got, want any) {
		if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
			faults = append(faults, fmt.Sprintf("%s: got %s, want %s", what, g, w))
		}
	}
	want := sorted(e.Outcomes)
	fault("on the result bus", sorted(w.results(onBus(cloud))), want)
	switch {
	case e.Error != "":
		fault("it fails", a.ErrorMessage != "", true)
	case e.BatchItemFailures == nil:
		fault("outcomes", sorted(w.results(a.Outcomes)), want)
		fault("ignored", a.Ignored, e.Ignored)
	default:
		fault("handed back", a.handedBack(), *e.BatchItemFailures)
	}
	for name := range w.Keys {
		if why := w.inForce(cloud, name, e.InForce[name]); why != "" {
			faults = append(faults, why)
		}
	}
	return faults, nil
}

func (a answer) handedBack() []string {
	ids := []string{}
	for _, f := range a.BatchItemFailures {
		ids = append(ids, f.ID)
	}
	return ids
}

func sorted(list []Result) []string {
	lines := []string{}
	for _, r := range list {
		lines = append(lines, r.String())
	}
	slices.Sort(lines)
	return lines
}
