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
		if f, err := w.File(path); err != nil {
			w.fail(err)
		} else {
			visit(f)
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
	s, err := w.scope(path)
	if err != nil {
		return File{}, err
	}
	text, err := Read(path, w.Env.In)
	if err != nil {
		return File{}, err
	}
	f := File{Path: tree.Display(path), Key: Complete(s.Settings.Options().Key, *w.Key)}
	if path != tree.Stdin {
		f.Object = tree.Locate(path, s.Base).Object
	}
	if f.Object != "" {
		f.Key = Named(f.Key, f.Object)
	}
	f.Object = Object(f.Object, f.Key)
	f.Policy, err = Policy(path, text)
	return f, err
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
