package main

import (
	"encoding/json"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/keysmith/keysmith/shared/outcome"
)

// metrics writes CloudWatch metrics into the log, in the embedded metric format.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
type metrics struct {
	mu  sync.Mutex
	out io.Writer
}

type metric struct {
	Name string
	Unit string
}

// outcome counts a result event by type and code, its reads and its proof's time.
func (m *metrics) outcome(e outcome.Event) {
	name := strings.ReplaceAll(strings.TrimPrefix(string(e.Type), "KMS Key Policy "), " ", "")
	values := map[string]any{"Outcome": name, "Code": "none", "Outcomes": 1}
	list := []metric{{"Outcomes", "Count"}}
	if e.Detail.Data.Error != nil {
		values["Code"] = e.Detail.Data.Error.Code
	}
	if v := e.Detail.Data.Verification; v != nil {
		values["VerifyReads"], values["VerifyTime"] = v.Reads, v.ElapsedMS
		list = append(list, metric{"VerifyReads", "Count"}, metric{"VerifyTime", "Milliseconds"})
	}
	m.write(values, list, [][]string{{"Outcome"}, {"Outcome", "Code"}})
}

// puts counts the PutKeyPolicy calls of a run.
func (m *metrics) puts(n int) {
	if n > 0 {
		m.write(map[string]any{"Puts": n}, []metric{{"Puts", "Count"}}, [][]string{{}})
	}
}

// ignored counts a trigger that was none of keysmith's business.
func (m *metrics) ignored() {
	m.write(map[string]any{"Ignored": 1}, []metric{{"Ignored", "Count"}}, [][]string{{}})
}

func (m *metrics) write(values map[string]any, list []metric, dimensions [][]string) {
	values["_aws"] = map[string]any{
		"Timestamp": time.Now().UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{
			"Namespace": "keysmith", "Dimensions": dimensions, "Metrics": list,
		}},
	}
	line, err := json.Marshal(values)
	if err != nil {
		return // numbers and words always marshal
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	_, _ = m.out.Write(append(line, '\n')) // a metric that is lost must not cost an outcome
}
