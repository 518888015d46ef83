package repoconfig

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
)

var region = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}$`)

// checkRegion refuses what is no Region and what is a known one misspelt. Another
// name may be a Region that is newer than the table.
func checkRegion(v string) error {
	known := awsid.Regions()
	if slices.Contains(known, v) {
		return nil
	}
	if !region.MatchString(v) {
		return fmt.Errorf("%q; want a Region, such as eu-west-1%s", v, didYouMean(v, known))
	}
	if near := misspelt(v, known); near != "" {
		return fmt.Errorf("there is no Region %q. Did you mean %s?", v, near)
	}
	return nil
}

// misspelt returns the known Region that a name is a misspelling of. A new Region
// is called by the words of the others, or by a country that none has yet; its
// number tells nothing.
func misspelt(name string, known []string) string {
	words := map[string]bool{}
	for _, r := range known {
		for word := range strings.SplitSeq(r, "-") {
			words[word] = true
		}
	}
	parts := strings.Split(name, "-")
	for i, word := range parts[:len(parts)-1] {
		country := i == 0 && !words[swapped(word)]
		if words[word] || country {
			continue
		}
		if near := nearest(name, known); near != "" {
			return near
		}
	}
	return ""
}

// swapped is a word of two letters the other way round.
func swapped(word string) string {
	if len(word) != 2 {
		return ""
	}
	return word[1:] + word[:1]
}

func nearest(name string, known []string) string {
	country, rest, _ := strings.Cut(name, "-")
	if back := swapped(country) + "-" + rest; slices.Contains(known, back) {
		return back
	}
	best, distance := "", 3
	for _, r := range known {
		if d := levenshtein.ComputeDistance(name, r); d < distance {
			best, distance = r, d
		}
	}
	return best
}

// Doubt says what is doubtful about the settings and yet taken, "" where nothing is.
func (s Settings) Doubt() string {
	if known := awsid.Regions(); s.Region != "" && !slices.Contains(known, s.Region) {
		return fmt.Sprintf("the Region %q is not in the list of Regions that this program has%s", s.Region, didYouMean(s.Region, known))
	}
	return ""
}
