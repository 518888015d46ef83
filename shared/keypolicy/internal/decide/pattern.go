package decide

import "strings"

// pattern is one value that text is compared with.
type pattern struct {
	elems []elem
	exact string // what it stands for where it has no wildcard
	shape shape
}

type shape uint8

const (
	constant shape = iota // one text
	folded                // one text, whatever the case of its letters
	glob                  // text with * and ?
	arnGlob               // six parts, each a glob
)

// elem is one element of a pattern: a character, or a wildcard that does not
// stand for the character not (0: it stands for all).
type elem struct {
	kind elemKind
	r    rune
}

type elemKind uint8

const (
	literal elemKind = iota // r
	either                  // r in any case
	one                     // any character but r
	many                    // any number of characters but r
	digit                   // one of 0 to 9
)

// piece is a part of a value in which variables were looked for: plain text, in
// which wildcards count; quoted text, in which they do not; or a variable.
type piece struct {
	text     string
	quoted   bool
	variable string // its key in small letters
	standby  string // its default
	hasOther bool   // it has a default
}

// pieces splits a value at its variables.
func pieces(value string) []piece {
	var out []piece
	for value != "" {
		before, after, found := strings.Cut(value, "${")
		if before != "" {
			out = append(out, piece{text: before})
		}
		if !found {
			break
		}
		name, rest, closed := strings.Cut(after, "}")
		if !closed {
			return append(out, piece{variable: malformed})
		}
		out = append(out, pieceOf(name))
		value = rest
	}
	return out
}

// malformed is a variable of which nobody knows what it stands for.
const malformed = "?"

func pieceOf(name string) piece {
	switch name {
	case "":
		return piece{variable: malformed}
	case "*", "?", "$":
		return piece{text: name, quoted: true}
	}
	key, fallback, found := strings.Cut(name, ",")
	fallback = strings.TrimSpace(fallback)
	if found && len(fallback) >= 2 && fallback[0] == '\'' && fallback[len(fallback)-1] == '\'' {
		return piece{variable: strings.ToLower(strings.TrimSpace(key)), standby: fallback[1 : len(fallback)-1], hasOther: true}
	}
	return piece{variable: strings.ToLower(name)}
}

// compilePattern reads pieces without variables. It is false where nothing can
// ever match.
func compilePattern(rel relation, parts []piece) (pattern, bool) {
	switch rel {
	case like:
		return compileGlob(parts), true
	case arnLike:
		return compileARN(parts)
	case equalFold, truth:
		return pattern{shape: folded, exact: joined(parts)}, true
	}
	return pattern{exact: joined(parts)}, true
}

// elements returns the elements of a pattern of any shape.
func (p *pattern) elements() []elem {
	if p.shape > folded {
		return p.elems
	}
	elems := literals(p.exact)
	for i := range elems {
		if p.shape == folded {
			elems[i] = elem{either, lowest(elems[i].r)}
		}
	}
	return elems
}

func joined(parts []piece) string {
	if len(parts) == 1 {
		return parts[0].text
	}
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.text)
	}
	return b.String()
}

func compileGlob(parts []piece) pattern {
	p := pattern{}
	for _, part := range parts {
		p.elems = appendElems(p.elems, part, 0)
	}
	if !wild(p.elems) {
		return pattern{exact: joined(parts)}
	}
	p.shape = glob
	return p
}

// appendElems adds the elements of a piece, whose wildcards do not stand for
// the separator.
func appendElems(elems []elem, part piece, separator rune) []elem {
	for _, r := range part.text {
		switch {
		case part.quoted || r != '*' && r != '?':
			elems = append(elems, elem{literal, r})
		case r == '?':
			elems = append(elems, elem{one, separator})
		case len(elems) == 0 || elems[len(elems)-1] != elem{many, separator}:
			elems = append(elems, elem{many, separator})
		}
	}
	return elems
}

func wild(elems []elem) bool {
	for _, e := range elems {
		if e.kind == one || e.kind == many {
			return true
		}
	}
	return false
}

// compileARN reads a pattern of six parts, of which the first five end at a
// colon. It is false for another one.
func compileARN(parts []piece) (pattern, bool) {
	const colons = 5
	p, seen := pattern{}, 0
	for _, part := range parts {
		for part.text != "" {
			n := strings.IndexByte(part.text, ':') + 1
			if n == 0 || seen == colons {
				n = len(part.text)
			}
			separator := ':'
			if seen == colons {
				separator = 0
			}
			ends := seen < colons && part.text[n-1] == ':'
			p.elems = appendElems(p.elems, piece{text: part.text[:n], quoted: part.quoted}, separator)
			part.text = part.text[n:]
			if ends {
				seen++
			}
		}
	}
	if !wild(p.elems) {
		return pattern{exact: joined(parts)}, seen == colons
	}
	p.shape = arnGlob
	return p, seen == colons
}

// literals are the elements of a text.
func literals(s string) []elem {
	elems := make([]elem, 0, len(s))
	for _, r := range s {
		elems = append(elems, elem{literal, r})
	}
	return elems
}
