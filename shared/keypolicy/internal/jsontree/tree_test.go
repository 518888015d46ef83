package jsontree_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
)

// decoded turns a tree into what encoding/json makes of the same text.
func decoded(t jsontree.Tree, i int32) any {
	n := t.Nodes[i]
	switch n.Kind {
	case jsontree.Bool:
		return t.String(i) == "true"
	case jsontree.Number:
		return json.Number(t.String(i))
	case jsontree.String:
		return t.String(i)
	case jsontree.Array:
		list := []any{}
		for e := t.First(i); e != jsontree.None; e = t.Nodes[e].Next {
			list = append(list, decoded(t, e))
		}
		return list
	case jsontree.Object:
		object := map[string]any{}
		for e := t.First(i); e != jsontree.None; e = t.Nodes[e].Next {
			object[t.Name(e)] = decoded(t, e)
		}
		return object
	}
	return nil
}

func FuzzWhatIsReadWithoutFaultIsWhatEncodingJSONReads(f *testing.F) {
	for _, text := range []string{`{}`, `[1,-0.5e+3,"a\u00e9\n",true,null,{"b":[]}]`, `{"a":{"A":1}}`, ` "x" `, `[0]`, `[01]`, `[-]`, `["\ud83d\ude00"]`, `["\/"]`, `{"a":1,}`, `//`, "[\"\t\"]", `["é"]`, "[\"\x7f\"]", `{"":0}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tree := jsontree.Parse(text)
		checkShape(t, tree)
		dec := json.NewDecoder(strings.NewReader(text))
		dec.UseNumber()
		var want any
		err := dec.Decode(&want)
		if len(tree.Faults) > 0 || len(tree.Nodes) == 0 {
			return
		}
		if err != nil || dec.More() {
			t.Fatalf("read without fault, but encoding/json says %v: %q", err, text)
		}
		if got := decoded(tree, 0); !reflect.DeepEqual(got, want) {
			t.Fatalf("read %#v, want %#v: %q", got, want, text)
		}
	})
}

// checkShape tests what every tree must be like, faults or not.
func checkShape(t *testing.T, tree jsontree.Tree) {
	t.Helper()
	if i := strings.IndexFunc(tree.Text, func(c rune) bool { return c >= 0x80 }); i >= 0 && tree.ASCII() {
		t.Fatalf("byte %d is beyond ASCII, and the tree says there is none: %q", i, tree.Text)
	}
	for i, n := range tree.Nodes {
		if n.At < 0 || n.End < n.At && !tree.Cut || int(n.End) > len(tree.Text) {
			t.Fatalf("node %d stands at %d to %d of %d bytes: %q", i, n.At, n.End, len(tree.Text), tree.Text)
		}
		children := 0
		for e := tree.First(int32(i)); e != jsontree.None; e = tree.Nodes[e].Next {
			if tree.Nodes[e].Parent != int32(i) || tree.Index(e) != children {
				t.Fatalf("node %d is child %d of %d: %q", e, tree.Index(e), tree.Nodes[e].Parent, tree.Text)
			}
			children++
		}
		if children != n.Len() {
			t.Fatalf("node %d has %d children and says %d: %q", i, children, n.Len(), tree.Text)
		}
	}
	for _, fault := range tree.Faults {
		if fault.At < 0 || int(fault.At) > len(tree.Text) {
			t.Fatalf("fault at %d of %d bytes: %q", fault.At, len(tree.Text), tree.Text)
		}
	}
}

func TestEverySlipIsToldAtItsPlaceAndReadingGoesOn(t *testing.T) {
	tests := map[string][]jsontree.Fault{
		`{"a":1 "b":2}`:             {{Code: jsontree.MissingComma, At: 6}},
		"[1\n 2]":                   {{Code: jsontree.MissingComma, At: 2}},
		`[1,2,]`:                    {{Code: jsontree.TrailingComma, At: 4}},
		`{'a':1}`:                   {{Code: jsontree.SingleQuotes, At: 1}},
		`{“a”:1}`:                   {{Code: jsontree.CurlyQuotes, At: 1}},
		`{"a":1} x`:                 {{Code: jsontree.TrailingData, At: 8}},
		"# c\n[1] // d":             {{Code: jsontree.Comment, At: 0}, {Code: jsontree.Comment, At: 8}},
		`{"a":1,"b":2,"A":3}`:       {{Code: jsontree.DuplicateMember, At: 13, Detail: "a"}},
		`["\ud800"]`:                {{Code: jsontree.LoneSurrogate, At: 2, Detail: `\ud800`}},
		"[\"\xff\"]":                {{Code: jsontree.InvalidUTF8, At: 2, Detail: "0xff"}},
		"[\"\x80\"]":                {{Code: jsontree.InvalidUTF8, At: 2, Detail: "0x80"}},
		"[1; 2;]":                   {{Code: jsontree.Syntax, At: 2, Detail: "“;” is between two entries. Write “,”"}, {Code: jsontree.Syntax, At: 5, Detail: "“;” is between two entries. Write “,”"}},
		`{"a":1; "b":2;}`:           {{Code: jsontree.Syntax, At: 6, Detail: "“;” is between two entries. Write “,”"}, {Code: jsontree.Syntax, At: 13, Detail: "“;” is between two entries. Write “,”"}},
		`["\u12`:                    {{Code: jsontree.Syntax, At: 2, Detail: "“\\u” must be followed by four hexadecimal digits. Write all four"}, {Code: jsontree.Syntax, At: 6, Detail: "the string that begins with “\\u12” has no end. Add a quote"}, {Code: jsontree.Syntax, At: 6, Detail: "the text ends inside this list. Add the missing “]”"}},
		`["\u00e`:                   {{Code: jsontree.Syntax, At: 2, Detail: "“\\u” must be followed by four hexadecimal digits. Write all four"}, {Code: jsontree.Syntax, At: 7, Detail: "the string that begins with “\\u00e” has no end. Add a quote"}, {Code: jsontree.Syntax, At: 7, Detail: "the text ends inside this list. Add the missing “]”"}},
		"['', 1]":                   {{Code: jsontree.SingleQuotes, At: 1}},
		"[\"a\tb\"]":                {{Code: jsontree.RawControl, At: 3, Detail: "a tab"}},
		`["’"]`:                     {{Code: jsontree.BadCharacter, At: 2, Detail: "’"}},
		"[1,\u00a02]":               {{Code: jsontree.Syntax, At: 3, Detail: "a no-break space is between the elements, and JSON allows ordinary spaces only. Replace it"}},
		"{\"a\": \"b\r\n\"c\": 1}":  {{Code: jsontree.Syntax, At: 8, Detail: "the string that begins with “b” has no end. Add a quote"}, {Code: jsontree.MissingComma, At: 8}},
		"{\"a\": \"b\n\"c\": 1}":    {{Code: jsontree.Syntax, At: 8, Detail: "the string that begins with “b” has no end. Add a quote"}, {Code: jsontree.MissingComma, At: 8}},
		"[\"a\tb\" 1]":              {{Code: jsontree.RawControl, At: 3, Detail: "a tab"}, {Code: jsontree.MissingComma, At: 6}},
		`{"":0,"a":1,"":2}`:         {{Code: jsontree.DuplicateMember, At: 12}},
		`{"ab":0,"":1,"AB":2}`:      {{Code: jsontree.DuplicateMember, At: 13, Detail: "ab"}},
		`["\b"]`:                    {{Code: jsontree.BadCharacter, At: 2, Detail: "\b"}},
		strings.Repeat("[", 40):     {{Code: jsontree.TooDeep, At: 16}},
		`{"a":1 "b":2 "c":'x', }  `: {{Code: jsontree.MissingComma, At: 6}, {Code: jsontree.MissingComma, At: 12}, {Code: jsontree.SingleQuotes, At: 17}, {Code: jsontree.TrailingComma, At: 20}},
	}
	for text, want := range tests {
		tree := jsontree.Parse(text)
		checkShape(t, tree)
		got := make([]jsontree.Fault, len(tree.Faults))
		for i, f := range tree.Faults {
			got[i] = jsontree.Fault{Code: f.Code, At: f.At, Detail: f.Detail}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: faults %+v, want %+v", text, got, want)
		}
	}
}

func TestWhatIsNoLiteralAndNoNumberIsToldAsAWhole(t *testing.T) {
	const number = "this is not a JSON number. Put it in quotes"
	for text, want := range map[string][]string{
		"[nulls]":                    {`“nulls” is not a JSON literal. Write "nulls"`},
		"[True]":                     {"“True” is not a JSON literal. Write true"},
		"[undefined]":                {"“undefined” is not a JSON literal. Write null"},
		"[1x]":                       {number},
		"[01]":                       {number},
		"[1e]":                       {number},
		"[1e+]":                      {number},
		"[1.]":                       {number},
		"[-]":                        {number},
		"[-Infinity]":                {number},
		"[1x.5-7+y_2]":               {number},
		"[1.5e+30, -0, 0.5E-7, 1e5]": nil,
		"[1.2.3]":                    {"", "a value must be here, and not “.”"},
		"[1+2]":                      {"", "a value must be here, and not “+”"},
		"[truefalse]":                {`“truefalse” is not a JSON literal. Write "truefalse"`},
	} {
		var got []string
		for _, f := range jsontree.Parse(text).Faults {
			got = append(got, f.Detail)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestALiteralIsReadAsItIsMeant(t *testing.T) {
	for text, want := range map[string]string{"[true]": "true", "[True]": "true", "[no]": "false", "[false]": "false", "[word]": "word", "[null]": "", "[1.5]": "1.5"} {
		tree := jsontree.Parse(text)
		if got := tree.String(1); got != want || tree.ASCII() != (len(tree.Faults) == 0) {
			t.Errorf("%s: %q, certainly ASCII %v", text, got, tree.ASCII())
		}
	}
}

func TestAValueMayEndTheText(t *testing.T) {
	for _, text := range []string{"12", "1.5e3", "true", `"a"`, "null", "[]"} {
		if tree := jsontree.Parse(text); len(tree.Faults) > 0 || len(tree.Nodes) != 1 {
			t.Errorf("%s: %+v", text, tree.Faults)
		}
	}
}

func TestManyMembersAreComparedAsFewAre(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"É":0`)
	for c := 'a'; c <= 'z'; c++ {
		b.WriteString(`,"` + string(c) + `":0`)
	}
	b.WriteString(`,"é":0,"Q":0}`)
	tree := jsontree.Parse(b.String())
	if len(tree.Faults) != 2 || tree.Faults[0].Code != jsontree.DuplicateMember || tree.Faults[1].Code != jsontree.DuplicateMember {
		t.Errorf("faults %+v, want two duplicates", tree.Faults)
	}
}

func TestAReportOnATextThatIsNotJSONAtAllEnds(t *testing.T) {
	const most = 50
	if tree := jsontree.Parse("[" + strings.Repeat("1 ", 1000) + "]"); len(tree.Faults) != most {
		t.Errorf("%d faults, want %d", len(tree.Faults), most)
	}
}

func TestTheLongestTextIsReadAndALongerOneIsRefused(t *testing.T) {
	text := "[" + strings.Repeat("1,", jsontree.MaxSize/2-2) + "1]"
	if tree := jsontree.Parse(text); len(tree.Faults) > 0 || tree.Nodes[0].Len() != jsontree.MaxSize/2-1 {
		t.Errorf("%d bytes: faults %+v, %d entries", len(text), tree.Faults, tree.Nodes[0].Len())
	}
	if tree := jsontree.Parse(text + strings.Repeat(" ", jsontree.MaxSize-len(text))); len(tree.Faults) > 0 {
		t.Errorf("the longest text: %+v", tree.Faults)
	}
	if tree := jsontree.Parse(strings.Repeat(" ", jsontree.MaxSize+1)); !tree.Cut || len(tree.Faults) != 1 {
		t.Errorf("a text that is too long: %+v", tree.Faults)
	}
}
