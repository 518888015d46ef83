package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
)

// Stdin is the argument that stands for standard input.
const Stdin = "-"

// Display is how a path is shown in reports.
func Display(path string) string {
	if path == Stdin {
		return "<stdin>"
	}
	return filepath.ToSlash(path)
}

// A Finder goes over the paths that a command was given, without holding more
// than one folder of them.
type Finder struct {
	// Exclude reports whether a path is left out; nil leaves nothing out.
	Exclude func(path string) bool
	// Visit gets each path that is to be looked at, once. Named tells a path
	// that was an argument from one that was found in a folder.
	Visit func(path string, named bool)
	// Fail gets what could not be read. The others are visited all the same.
	Fail func(error)

	Skipped  Skipped
	visited  map[string]bool // absolute paths; nil where there is one argument
	hit      int             // files visited below the present argument
	excluded int
}

// Skipped is what a Finder skipped without being told to.
type Skipped struct {
	Folders, Files List
	Links          List // to folders, which may lead in a circle
}

// List counts names and keeps the first few.
type List struct {
	Count int
	First []string
}

// Add counts one more.
func (l *List) Add(name string) {
	const most = 5
	if l.Count++; len(l.First) < most {
		l.First = append(l.First, Display(name))
	}
}

// String lists the first names and counts the others.
func (l List) String() string {
	text := strings.Join(l.First, ", ")
	if more := l.Count - len(l.First); more > 0 {
		return fmt.Sprintf("%s and %d more", text, more)
	}
	return text
}

// Find visits the files of all arguments.
func (f *Finder) Find(args []string) {
	if len(args) > 1 {
		f.visited = map[string]bool{}
	}
	for _, arg := range args {
		f.argument(arg)
	}
}

func (f *Finder) argument(arg string) {
	if arg == Stdin {
		f.visit(arg, true)
		return
	}
	info, err := os.Stat(arg)
	switch {
	case err != nil:
		f.Fail(fmt.Errorf("reading policy: %w", reason(arg, err)))
	case f.leftOut(arg), ours(arg):
		f.excluded++
	case info.IsDir():
		f.folder(arg)
	default:
		f.visit(arg, true)
	}
}

// reason says of a broken link what is broken.
func reason(path string, err error) error {
	if target, linkErr := os.Readlink(path); linkErr == nil && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is a link to %s, which does not exist", path, target)
	}
	return err
}

func (f *Finder) leftOut(path string) bool { return f.Exclude != nil && f.Exclude(path) }

func (f *Finder) visit(path string, named bool) {
	f.hit++
	if f.visited != nil {
		key := path
		if abs, err := filepath.Abs(path); err == nil && path != Stdin {
			key = abs
		}
		if f.visited[key] {
			return
		}
		f.visited[key] = true
	}
	f.Visit(path, named)
}

// folder visits the files below a folder.
func (f *Finder) folder(root string) {
	if info, err := os.Lstat(root); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		root += string(filepath.Separator) // names the folder that the link leads to
	}
	f.hit, f.excluded = 0, 0
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			f.Fail(fmt.Errorf("reading folder: %w", err))
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
		case path == root:
		case f.leftOut(path):
			f.excluded++
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir():
			if skippedFolder(d.Name()) {
				f.Skipped.Folders.Add(path)
				return fs.SkipDir
			}
		default:
			f.found(path, d)
		}
		return nil
	})
	if f.hit == 0 && f.excluded == 0 {
		f.Fail(fmt.Errorf("reading folder %s: there is no .json file in it", root))
	}
}

// skippedFolder names folders that hold what tools put there.
func skippedFolder(name string) bool {
	return name == "node_modules" || strings.HasPrefix(name, ".") && name != "." && name != ".."
}

// found looks at one entry of a folder. What is not a regular file could block the
// reader, as a FIFO does.
func (f *Finder) found(path string, d fs.DirEntry) {
	template := isTemplate(path)
	if ours(path) || f.linked(path, d) {
		return
	}
	info, err := os.Stat(path)
	if !strings.EqualFold(filepath.Ext(path), ".json") && !template && !lost(d, err) {
		f.Skipped.Files.Add(path)
		return
	}
	switch {
	case err != nil:
		f.Fail(fmt.Errorf("reading policy: %w", reason(path, err)))
	case !info.Mode().IsRegular():
		f.Fail(fmt.Errorf("reading policy: %s is not a regular file (%s)", path, d.Type()))
	default:
		f.visit(path, false)
	}
}

// lost reports a link that leads nowhere: it may have been to a folder of
// policies. Editors lock a file by such a link with a hidden name.
func lost(d fs.DirEntry, err error) bool {
	return err != nil && d.Type()&fs.ModeSymlink != 0 && !strings.HasPrefix(d.Name(), ".")
}

// linked records an entry that is a link to a folder.
func (f *Finder) linked(path string, d fs.DirEntry) bool {
	if d.Type()&fs.ModeSymlink == 0 {
		return false
	}
	info, err := os.Stat(path)
	switch {
	case err != nil || !info.IsDir():
		return false
	case skippedFolder(d.Name()):
		f.Skipped.Folders.Add(path)
	default:
		f.Skipped.Links.Add(path)
	}
	return true
}

// ours reports files that keysmith itself keeps beside the policies.
func ours(path string) bool {
	if name := filepath.Base(path); name != "pull.json" {
		return name == repoconfig.Name || name == repoconfig.OtherName
	}
	info, err := os.Stat(filepath.Join(filepath.Dir(path), policies))
	return err == nil && info.IsDir()
}

// isTemplate reports files that may be CloudFormation templates.
func isTemplate(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml", ".template":
		return true
	}
	return false
}

// Unjudged records a file that was found in a folder and turned out to be no
// policy and no template.
func (f *Finder) Unjudged(path string) {
	f.hit--
	f.Skipped.Files.Add(path)
}
