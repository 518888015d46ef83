// Package metrics writes CloudWatch metrics into the log of a function, in the
// embedded metric format: no API call, so that no metric costs time or can make
// an outcome fail.
package metrics

import (
	"encoding/json"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/keysmith/keysmith/shared/outcome"
)

// A Writer writes metrics, one a line, each with the stack as a dimension: an
// account may have several. It is safe for concurrent use.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
type Writer struct {
	mu    sync.Mutex
	out   io.Writer
	stack string
}

// New returns a Writer to out, which in a function is the standard output, for a
// function of the stack with this name.
func New(out io.Writer, stack string) *Writer { return &Writer{out: out, stack: stack} }

type metric struct {
	Name string
	Unit string
}

// Outcome counts a result event by type and code, and records the reads of its
// verification and how long that took. FinalFailures are those that keysmith
// does not try again.
func (w *Writer) Outcome(e outcome.Event) {
	name := strings.ReplaceAll(strings.TrimPrefix(string(e.Type), "KMS Key Policy "), " ", "")
	values := map[string]any{"Outcome": name, "Code": "none", "Outcomes": 1}
	list := []metric{{"Outcomes", "Count"}}
	if e.Detail.Data.Error != nil {
		values["Code"] = e.Detail.Data.Error.Code
		if e.Type == outcome.Failed && !e.Detail.Data.Error.Retryable {
			w.count("FinalFailures")
			w.found(e.Detail.Data.Error.Code)
		}
	}
	if e.Type == outcome.DriftDetected {
		w.count("DriftOpen") // as found does
		w.repair(e.Detail.Data.Drift, e.Detail.Metadata.Time)
	}
	if v := e.Detail.Data.Verification; v != nil {
		values["VerifyReads"], values["VerifyTime"] = v.Reads, v.ElapsedMS
		list = append(list, metric{"VerifyReads", "Count"}, metric{"VerifyTime", "Milliseconds"})
	}
	w.write(values, list, [][]string{{"Stack", "Outcome"}, {"Stack", "Outcome", "Code"}})
}

// repair counts drift that keysmith leaves for somebody to decide about. It is
// reported each day.
func (w *Writer) repair(d *outcome.Drift, now time.Time) {
	switch {
	case d == nil:
	case d.Repair == outcome.RepairContested:
		w.count("Contested")
	case d.Repair == outcome.RepairHeld && now.Sub(d.Since) >= aDay:
		w.count("HeldLong")
	}
}

const aDay = 24 * time.Hour

// found raises the numbers of a sweep at once, for an alarm that would else wait
// for the next one; that one then tells how many there are.
func (w *Writer) found(code outcome.Code) {
	if code.Blind() {
		w.count("Unreadable")
	}
}

// Puts counts the PutKeyPolicy calls of a run.
func (w *Writer) Puts(n int) {
	if n > 0 {
		w.write(map[string]any{"Puts": n}, []metric{{"Puts", "Count"}}, [][]string{{"Stack"}})
	}
}

// Braked counts a message whose policy the brake kept from being put.
func (w *Writer) Braked() { w.count("Braked") }

// Ignored counts a message that is not addressed to keysmith.
func (w *Writer) Ignored() { w.count("Ignored") }

// Heartbeat counts a heartbeat. An alarm watches for their absence.
func (w *Writer) Heartbeat() { w.count("Heartbeats") }

// count writes a metric of one.
func (w *Writer) count(name string) {
	w.write(map[string]any{name: 1}, []metric{{name, "Count"}}, [][]string{{"Stack"}})
}

func (w *Writer) write(values map[string]any, list []metric, dimensions [][]string) {
	values["Stack"] = w.stack
	values["_aws"] = map[string]any{
		"Timestamp": time.Now().UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{
			"Namespace": "keysmith", "Dimensions": dimensions, "Metrics": list,
		}},
	}
	line, err := json.Marshal(values)
	if err != nil {
		return // numbers and strings always marshal
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, _ = w.out.Write(append(line, '\n')) // a lost metric must not make an outcome fail
}
