package keypolicy

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// quote shows a piece of the policy in a message: short, and with nothing in
// it that could disturb a log or a terminal.
func quote(s string) string {
	const most = 80
	if len(s) > most {
		cut := most
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return strconv.Quote(s)
}

// maxWords bounds one sentence about a statement, so that it fits an event.
const maxWords = 300

// some lists the first few texts and counts the rest.
func some(texts []string) string {
	const most = 4
	if len(texts) > most+1 {
		return strings.Join(texts[:most], ", ") + " and " + strconv.Itoa(len(texts)-most) + " more"
	}
	return strings.Join(texts, ", ")
}

// shorten cuts a text that an event would be too small for. A byte that is not
// ASCII may be part of a character, so the cut goes before it.
func shorten(s string) string {
	if len(s) <= maxWords {
		return s
	}
	cut := maxWords
	for cut > 0 && s[cut] >= 0x80 {
		cut--
	}
	return s[:cut] + "…"
}
