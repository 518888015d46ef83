package samtemplate

import (
	"encoding/json"
	"strconv"
	"time"
)

// A view reads resolved properties and notes the faults of what it reads. A
// member that is absent reads as the zero value.
type view struct {
	r     *resolver
	at    place
	lines *book // where the members stand, as far as that is known
	m     map[string]any
}

func (v view) fault(name, want string) {
	v.r.fail(v.where(name), "must be %s", want)
}

// where is the member's own line, or else that of what holds it.
func (v view) where(name string) place {
	if p, ok := v.lines.get(name); ok {
		return p
	}
	return place{v.at.node, v.at.path + "." + name}
}

func (v view) text(name string) string {
	value, there := v.m[name]
	if !there {
		return ""
	}
	s, ok := asText(value)
	if !ok {
		v.fault(name, "text")
	}
	return s
}

func (v view) number(name string) int {
	value, there := v.m[name]
	if !there {
		return 0
	}
	s, _ := asText(value)
	n, err := strconv.Atoi(s)
	if err != nil {
		v.fault(name, "a whole number")
	}
	return n
}

func (v view) seconds(name string) time.Duration {
	return time.Duration(v.number(name)) * time.Second
}

func (v view) flag(name string, otherwise bool) bool {
	value, there := v.m[name]
	if !there {
		return otherwise
	}
	s, _ := asText(value)
	b, err := strconv.ParseBool(s)
	if err != nil {
		v.fault(name, "true or false")
	}
	return b
}

func (v view) object(name string) view {
	inner := view{r: v.r, at: v.where(name), lines: &book{}}
	value, there := v.m[name]
	if !there {
		return inner
	}
	m, ok := value.(map[string]any)
	if !ok {
		v.fault(name, "a mapping")
	}
	inner.m = m
	return inner
}

// document is a member as JSON text, which is how AWS takes policies.
func (v view) document(name string) string {
	value, there := v.m[name]
	if !there {
		return ""
	}
	text, err := json.Marshal(value)
	if err != nil {
		v.fault(name, "JSON")
	}
	return string(text)
}

func (v view) objects(name string) []view {
	value, there := v.m[name]
	if !there {
		return nil
	}
	list, ok := value.([]any)
	if !ok {
		v.fault(name, "a list")
	}
	views := make([]view, 0, len(list))
	for i, item := range list {
		at := v.where(name)
		at.path += "[" + strconv.Itoa(i) + "]"
		m, ok := item.(map[string]any)
		if !ok {
			v.r.fail(at, "must be a mapping")
		}
		views = append(views, view{r: v.r, at: at, lines: &book{}, m: m})
	}
	return views
}

// oneOrMore reads what may be given alone or as a list, as IAM lets.
func (v view) oneOrMore(name string) []string {
	value, there := v.m[name]
	if !there {
		return nil
	}
	items, ok := value.([]any)
	if !ok {
		items = []any{value}
	}
	list := make([]string, len(items))
	for i, item := range items {
		if list[i], ok = asText(item); !ok {
			v.fault(name, "text or a list of text")
		}
	}
	return list
}
