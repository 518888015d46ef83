// Package phrase makes pieces of messages.
//
// It exists because a policy is text that strangers wrote: what a message quotes
// of it must not disturb a log or a terminal, nor outgrow an event.
package phrase

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Quote shows a piece of the policy in a message: short, and with nothing in
// it that could disturb a log or a terminal.
func Quote(s string) string {
	const most = 80
	return strconv.Quote(cut(s, most))
}

// cut leaves the first characters of a text that is too long.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "…"
}

// maxWords bounds one sentence about a statement, so that it fits an event.
const maxWords = 300

// Some lists the first few texts and counts the rest.
func Some(texts []string) string {
	const most = 4
	if len(texts) > most+1 {
		return strings.Join(texts[:most], ", ") + " and " + strconv.Itoa(len(texts)-most) + " more"
	}
	return strings.Join(texts, ", ")
}

// Shorten cuts a text that an event would be too small for.
func Shorten(s string) string { return cut(s, maxWords) }
