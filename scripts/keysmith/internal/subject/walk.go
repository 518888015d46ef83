package subject

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/tree"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// A File is a policy and the key that it is for.
type File struct {
	Path   string // as reports show it
	Object string // its object in the bucket; empty where that is not known
	Policy *keypolicy.Policy
	Key    keypolicy.Key
}

// A Text is the text of a policy, what is set for it, and the key that it is for.
type Text struct {
	Path   string // as reports show it
	Source string // as it was named
	Object string // its object in the bucket; empty where that is not known
	Bytes  []byte
	Key    keypolicy.Key
	Scope  *Scope
}

// A Walk reads the policies that a command is given.
type Walk struct {
	Env   cli.Env
	Flags repoconfig.Set
	Key   *keypolicy.Key // what flags say of the key alone

	Troubled bool // something could not be read, and that was said
	scopes   map[string]*Scope
	said     map[string]bool
}

// Settings are the settings that say for which keys policies are.
var Settings = []string{"account", "region", "partition", "own-org", "exclude"}

// Each reads the policies of files and folders, and hands them out one by one.
// What cannot be read is reported, and the others are handed out all the same.
func (w *Walk) Each(paths []string, visit func(File)) {
	w.Texts(paths, func(t Text) {
		if f, err := t.file(); err != nil {
			w.fail(err)
		} else {
			visit(f)
		}
	})
}

// Texts is Each for commands that also take what is not a policy that can be checked.
func (w *Walk) Texts(paths []string, visit func(Text)) {
	finder := tree.Finder{Fail: w.fail}
	finder.Exclude = func(path string) bool {
		s, err := w.scope(path)
		return err == nil && s.Excludes(path)
	}
	finder.Visit = func(path string, named bool) {
		if !named && !strings.EqualFold(filepath.Ext(path), ".json") {
			w.template(path)
			finder.Unjudged(path)
			return
		}
		if t, err := w.text(path); err != nil {
			w.fail(err)
		} else {
			visit(t)
		}
	}
	finder.Find(paths)
	if n := finder.Skipped.Links; n.Count > 0 {
		w.fail(fmt.Errorf("%s: links to folders are not followed: name each with a trailing slash", n))
	}
}

// template reports a template that holds key policies: what is not judged is not
// left out in silence.
func (w *Walk) template(path string) {
	text, err := Read(path, w.Env.In)
	switch {
	case err != nil:
		w.fail(err)
	case HoldsTemplate(text):
		w.fail(inTemplate(path))
	}
}

// File reads one policy.
func (w *Walk) File(path string) (File, error) {
	t, err := w.text(path)
	if err != nil {
		return File{}, err
	}
	return t.file()
}

func (t Text) file() (File, error) {
	p, err := Policy(t.Source, t.Bytes)
	return File{Path: t.Path, Object: t.Object, Policy: p, Key: t.Key}, err
}

func (w *Walk) text(path string) (Text, error) {
	s, err := w.scope(path)
	if err != nil {
		return Text{}, err
	}
	text, err := Read(path, w.Env.In)
	if err != nil {
		return Text{}, err
	}
	t := Text{Path: tree.Display(path), Source: path, Bytes: text, Scope: s, Key: Complete(s.Settings.Options().Key, *w.Key)}
	if path != tree.Stdin {
		t.Object = tree.Locate(path, s.Base).Object
	}
	if t.Object != "" {
		t.Key = Named(t.Key, t.Object)
	}
	t.Object = Object(t.Object, t.Key)
	return t, nil
}

func (w *Walk) scope(path string) (*Scope, error) {
	dir := filepath.Dir(path)
	if s, known := w.scopes[dir]; known {
		return s, nil
	}
	s, err := ScopeOf(dir, w.Flags)
	if err != nil {
		return nil, err
	}
	if s.Misnamed != "" {
		w.warn(s.Misnamed + " is not read: the file of settings is called " + repoconfig.Name + ". Rename it")
	}
	if doubt := s.Settings.Doubt(); doubt != "" {
		w.warn(doubt)
	}
	if w.scopes == nil {
		w.scopes = map[string]*Scope{}
	}
	w.scopes[dir] = &s
	return &s, nil
}

// fail says what could not be read.
func (w *Walk) fail(err error) {
	w.Troubled = true
	w.say(fmt.Sprint(err))
}

func (w *Walk) warn(text string) { w.say("warning: " + text) }

// say says something once.
func (w *Walk) say(text string) {
	if w.said == nil {
		w.said = map[string]bool{}
	}
	if !w.said[text] {
		w.Env.Say("%s", text)
	}
	w.said[text] = true
}
