package push

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A wave is how many keys are uploaded when it is done: a count or a percentage.
type wave struct {
	n       int
	percent bool
}

// waves is the value of a flag such as 1,10%,100%.
type waves []wave

func (w *waves) String() string {
	parts := make([]string, len(*w))
	for i, one := range *w {
		parts[i] = one.String()
	}
	return strings.Join(parts, ",")
}

func (w wave) String() string {
	if w.percent {
		return strconv.Itoa(w.n) + "%"
	}
	return strconv.Itoa(w.n)
}

// Type names the value in help.
func (w *waves) Type() string { return "list" }

// Set reads the list. Its last wave is 100%, so that nothing is forgotten.
func (w *waves) Set(text string) error {
	var list waves
	for part := range strings.SplitSeq(text, ",") {
		number, percent := strings.CutSuffix(strings.TrimSpace(part), "%")
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || percent && n > 100 {
			return fmt.Errorf("%q is not a wave; want a count or a percentage, such as 1 or 10%%", part)
		}
		if k := len(list); k > 0 && list[k-1].percent == percent && list[k-1].n >= n {
			return fmt.Errorf("%s comes after %s and is not more; each wave adds keys to those before it", part, list[k-1])
		}
		list = append(list, wave{n, percent})
	}
	if last := list[len(list)-1]; last != (wave{100, true}) {
		return errors.New("the last wave must be 100%, or some keys would never be uploaded")
	}
	*w = list
	return nil
}

// ends are how many of total keys are uploaded after each wave. Waves that add none
// are left out.
func (w waves) ends(total int) []int {
	if len(w) == 0 {
		return []int{total}
	}
	var ends []int
	before := 0
	for _, one := range w {
		end := min(one.n, total)
		if one.percent {
			end = (total*one.n + 99) / 100
		}
		if end > before {
			ends = append(ends, end)
			before = end
		}
	}
	return ends
}
