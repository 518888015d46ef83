// Package jsontree reads JSON text into a flat tree that remembers where
// everything stood.
//
// It exists because encoding/json takes the last of two equal members, folds
// the case of names, mends bad text without a word, and knows no positions: for
// a document that decides who may use a key, each of those is a hazard. The
// reader goes over the text once, goes on after the common slips so that one
// run reports them all, and says of each where it is to be mended.
package jsontree

// Kind is the JSON type of a node.
type Kind uint8

const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// String names the type as a person would.
func (k Kind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "a list", "an object"}[k]
}

// None stands for "no node" wherever a node index is expected.
const None = int32(-1)

// Node is one value. The children of a list or object form a chain through
// Next. It is small and holds no pointers, so that a large tree costs little.
type Node struct {
	At     int32 // offset of the first byte
	End    int32 // offset after the last byte
	NameAt int32 // offset of the name; None for what is not a member
	Parent int32
	Next   int32

	// name is the offset after the name's closing quote or, negative, the place
	// among the decoded of one that the text does not hold as it is.
	name int32
	// more is the number of children of a list or object; of anything else the
	// place among the decoded, 0 where the text holds the value as it is.
	more int32
	Kind Kind
}

// Len is the number of a list's or an object's children.
func (n *Node) Len() int {
	if n.Kind < Array {
		return 0
	}
	return int(n.more)
}

// MaxSize is the longest text that can be read, far more than any policy has.
const MaxSize = 1 << 20

// Tree is what Parse read. Nodes[0], if there is one, is the outermost value.
type Tree struct {
	Text   string
	Nodes  []Node
	Faults []Fault
	Cut    bool // the reader gave up before the end

	decoded []string // strings that the text does not hold as they are
}

// First returns the first child of a node, None where there is none. Nodes stand
// in the order of the text, so it is the next one.
func (t *Tree) First(i int32) int32 {
	if t.Nodes[i].Len() == 0 {
		return None
	}
	return i + 1
}

// Index returns the place of a node among its siblings.
func (t *Tree) Index(i int32) int {
	index := 0
	for e := t.First(t.Nodes[i].Parent); e != i; e = t.Nodes[e].Next {
		index++
	}
	return index
}

// Name is the decoded name of a member.
func (t *Tree) Name(i int32) string {
	n := &t.Nodes[i]
	switch {
	case n.NameAt == None:
		return ""
	case n.name < 0:
		return t.decoded[-n.name-1]
	}
	return t.Text[n.NameAt+1 : n.name-1]
}

// String is the decoded text of a string, or the literal of a number or
// boolean.
func (t *Tree) String(i int32) string {
	n := &t.Nodes[i]
	switch {
	case n.Kind >= Array:
		return ""
	case n.more > 0:
		return t.decoded[n.more-1]
	case n.Kind == String:
		return t.Text[n.At+1 : n.End-1]
	case n.Kind == Number || n.Kind == Bool:
		return t.Text[n.At:n.End]
	}
	return ""
}

// keep remembers a string that the text does not hold.
func (t *Tree) keep(s string) int32 {
	t.decoded = append(t.decoded, s)
	return int32(len(t.decoded))
}

// Fault is one way in which the text is not JSON, or not a text that KMS takes.
type Fault struct {
	Code   Code
	At     int32 // offset where the text is to be mended
	Node   int32 // the value it belongs to, None where there is none yet
	Detail string
}

// Code says what kind of fault it is.
type Code uint8

const (
	Syntax Code = iota // Detail is the sentence
	MissingComma
	TrailingComma
	SingleQuotes
	CurlyQuotes
	Comment
	RawControl // Detail names the character
	TrailingData
	TooDeep
	InvalidUTF8
	LoneSurrogate
	BadCharacter    // outside of what KMS takes; Detail is the character
	DuplicateMember // Detail is the name of the earlier one
)

// MaxDepth is how deep a text may nest. A policy needs six levels.
const MaxDepth = 16

// maxFaults bounds the report on a text that is not JSON at all.
const maxFaults = 50

// ASCII reports whether the text certainly holds nothing beyond ASCII: what does
// has to be decoded, or is a fault.
func (t *Tree) ASCII() bool { return len(t.decoded) == 0 && len(t.Faults) == 0 }

// Corrupt reports whether the tree may say something else than the text means
// to a reader that mends or skips differently.
func (t *Tree) Corrupt() bool {
	for _, f := range t.Faults {
		if f.Code != BadCharacter {
			return true
		}
	}
	return false
}
