package status

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/desired"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/progress"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/status/page"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// asked are the actions of which the page says who may do them: those that use a
// key, let somebody else in, or take it away.
var asked = []string{
	"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:Sign", "kms:GenerateMac",
	"kms:DeriveSharedSecret", "kms:CreateGrant", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:ReplicateKey",
	"kms:DeleteImportedKeyMaterial",
}

// pageData turns the fleet into what the page shows. Texts that many keys share are
// held once.
func (r *reporter) pageData(f *Fleet) *page.Data {
	d := &page.Data{
		Bucket: f.Bucket, Made: f.Time, Program: "keysmith " + cli.ThisBuild().Version, Notes: append([]string{}, f.Notes...),
		Sweep: f.sweepSentence(), Actions: asked,
	}
	for _, s := range States {
		d.States = append(d.States, string(s))
	}
	judge, err := desired.NewJudge(r.env, r.settings)
	if err != nil {
		d.Notes = append(d.Notes, "the guardrails cannot be read, so findings about them are missing: "+err.Error())
	}
	found := make([]facts, len(f.Keys))
	bar := progress.Start(r.env.Err, "asking who may do what", len(f.Keys))
	parallel(len(f.Keys), func(i int) {
		found[i] = factsOf(f.Keys[i], judge)
		bar.Add(1)
	})
	bar.Done()
	t := tables{data: d, index: map[string]int{}, sets: map[string]int{}, rules: map[string]int{}}
	for i, k := range f.Keys {
		d.Keys = append(d.Keys, t.key(k, found[i]))
	}
	return d
}

// parallel does something for each of n, on all processors.
func parallel(n int, do func(int)) {
	next := make(chan int)
	var running sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		running.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	running.Wait()
}

// facts are what the policy of a key says.
type facts struct {
	findings []keypolicy.Finding
	holders  []holder
	fault    string // why nothing is known of who may do what
}

// holder is a principal with the actions that it has in the same way.
type holder struct {
	principal, through, when string
	actions                  int // a bit for each
	undecided                bool
}

func factsOf(k *Key, judge *desired.Judge) (f facts) {
	if k.text == nil {
		return facts{fault: "there is no policy in the bucket"}
	}
	if judge != nil {
		f.findings, _ = judge.Policy(k.Object, k.text, k.facts)
	}
	p, _ := keypolicy.Parse(k.text)
	if p.Opaque() {
		f.fault = "the policy in the bucket cannot be checked"
		return f
	}
	at := map[holder]int{}
	var order []holder
	for i, action := range asked {
		held, err := keypolicy.WhoCan(action, p, k.facts)
		if err != nil {
			f.fault = err.Error()
			return f
		}
		for _, h := range held {
			one := holder{principal: h.Principal, through: h.Through, when: conditions(h), undecided: h.Undecided}
			if _, known := at[one]; !known {
				order = append(order, one)
			}
			at[one] |= 1 << i
		}
	}
	for _, one := range order {
		actions := at[one]
		one.actions = actions
		f.holders = append(f.holders, one)
	}
	slices.SortStableFunc(f.holders, func(a, b holder) int { return cmp.Compare(a.principal, b.principal) })
	return f
}

// conditions say when somebody may do an action; empty where it is always.
func conditions(h keypolicy.Holder) string {
	var parts []string
	if len(h.When) > 0 {
		parts = append(parts, "when "+strings.Join(h.When, ", or when "))
	}
	if len(h.Unless) > 0 {
		parts = append(parts, "unless "+strings.Join(h.Unless, ", or "))
	}
	if len(parts) == 0 && !h.Always && !h.Undecided {
		return "for some of its requests only"
	}
	return strings.Join(parts, ", ")
}

// tables hold each text once.
type tables struct {
	data  *page.Data
	index map[string]int
	sets  map[string]int
	rules map[string]int
}

func (t *tables) text(s string) int {
	i, known := t.index[s]
	if !known {
		i = len(t.data.Texts)
		t.index[s] = i
		t.data.Texts = append(t.data.Texts, s)
	}
	return i
}

func (t *tables) key(k *Key, f facts) page.Key {
	one := page.Key{
		Object: k.Object, ARN: k.name(), State: slices.Index(States, k.State), Since: stamp(k.Since), Message: t.text(message(k)),
		Version: k.VersionID, Commit: k.Commit, Applied: stamp(k.LastApplied), Holders: -1, Fault: t.text(f.fault), Findings: []page.Finding{},
	}
	if k.Author != nil {
		one.Author = t.text(k.Author.ARN)
	} else {
		one.Author = t.text("")
	}
	for _, finding := range f.findings {
		one.Findings = append(one.Findings, page.Finding{t.rule(finding), finding.Line, t.text(finding.Message)})
	}
	if f.fault == "" {
		one.Holders = t.set(f.holders)
	}
	return one
}

func message(k *Key) string {
	text := k.Message
	if k.Code != "" {
		text = string(k.Code) + ": " + text
	}
	if k.Hold != nil {
		text += k.Hold.words()
	}
	for _, words := range k.others() {
		text += "; " + words
	}
	return strings.TrimPrefix(text, "; ")
}

func (t *tables) rule(f keypolicy.Finding) int {
	i, known := t.rules[f.Rule]
	if !known {
		i = len(t.data.Rules)
		t.rules[f.Rule] = i
		title := f.Rule
		if r, ok := keypolicy.RuleByID(f.Rule); ok {
			title = r.Title
		}
		t.data.Rules = append(t.data.Rules, page.Rule{ID: f.Rule, Severity: f.Severity.String(), Title: title})
	}
	return i
}

// set is the place of a list of holders. Keys of one kind often have the same.
func (t *tables) set(holders []holder) int {
	name := fmt.Sprint(holders)
	i, known := t.sets[name]
	if known {
		return i
	}
	list := []page.Holder{}
	for _, h := range holders {
		how := 0
		if h.through == "iam" {
			how = 1
		}
		if h.undecided {
			how += 2
		}
		list = append(list, page.Holder{t.text(h.principal), how, h.actions, t.text(h.when)})
	}
	i = len(t.data.Holders)
	t.sets[name] = i
	t.data.Holders = append(t.data.Holders, list)
	return i
}

// stamp is a time in seconds since 1970; 0 for none.
func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
