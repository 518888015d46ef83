package outcome

import "encoding/json"

const (
	maxRows   = 100
	maxDetail = 190 << 10 // bytes; with the envelope an entry stays under 200 KB
)

// fit shortens the lists of d until it is small enough for a bus, and records
// how many rows were left out.
func (d *Data) fit() {
	rows := maxRows
	for {
		d.cut(rows)
		b, err := json.Marshal(d)
		if err != nil || len(b) <= maxDetail || rows == 0 {
			return
		}
		rows /= 2
	}
}

func (d *Data) cut(rows int) {
	d.Findings = cutList(d, "findings", d.Findings, rows)
	d.Changes = cutList(d, "changes", d.Changes, rows)
	d.Access = cutList(d, "access", d.Access, rows)
}

func cutList[T any](d *Data, name string, list []T, rows int) []T {
	if len(list) <= rows {
		return list
	}
	if d.Truncated == nil {
		d.Truncated = map[string]int{}
	}
	d.Truncated[name] += len(list) - rows
	return list[:rows]
}
