package runfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Profile is a file with a section [slurm] and nothing else: what one cluster
// or one queue wants, for many run files.
type Profile struct {
	Path string
	root *node // what the file says; nil: nothing
}

// profileFolder is where profiles lie, beside the run file and in the user's
// configuration folder.
const profileFolder = "cluster"

// FindProfile reads the profile of a name, cluster/NAME.toml beside the run
// file or isingrbm/cluster/NAME.toml in the user's configuration folder, the
// first that is there. A name that ends in .toml is the path itself.
func FindProfile(name, runFile string) (Profile, error) {
	if strings.HasSuffix(name, extension) {
		return loadProfile(name)
	}
	var known []string
	folders := profileFolders(runFile)
	for _, folder := range folders {
		path := filepath.Join(folder, name+extension)
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return loadProfile(path)
		}
		known = append(known, profileNames(folder)...)
	}
	hint := "write one: a file with a section [slurm] alone"
	if near := nearest(name, known); near != "" {
		hint = fmt.Sprintf("did you mean %s?", near)
	} else if len(known) > 0 {
		hint = "there are " + strings.Join(known, ", ")
	}
	return Profile{}, unreadable(name, fs.ErrNotExist, "no such profile in "+strings.Join(folders, " or "), hint)
}

func profileFolders(runFile string) []string {
	folders := []string{filepath.Join(filepath.Dir(runFile), profileFolder)}
	if own, err := os.UserConfigDir(); err == nil {
		folders = append(folders, filepath.Join(own, "isingrbm", profileFolder))
	}
	return folders
}

func profileNames(folder string) (names []string) {
	files, _ := filepath.Glob(filepath.Join(folder, "*"+extension)) // the pattern is sound
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), extension))
	}
	return names
}

// loadProfile reads a profile and refuses it with all that is wrong with it.
func loadProfile(path string) (Profile, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Profile{}, unreadable(path, err, reason(err), "a profile is a file with a section [slurm] alone")
	}
	return parseProfile(path, text)
}

func parseProfile(name string, text []byte) (Profile, error) {
	src := newSource(name, text)
	root, problem := parse(src)
	if problem != nil {
		return Profile{}, newErrors(src, []Problem{*problem})
	}
	r := newReader(src, root)
	r.refuseUnknown()
	r.refuseOtherSections()
	r.readSection(slurmSection, defaultTree())
	if r.given("slurm.time") && r.given("slurm.grace") {
		r.checkSlurm()
	}
	if len(r.problems) > 0 {
		return Profile{}, r.errors()
	}
	return Profile{Path: name, root: root}, nil
}

// refuseOtherSections reports what stands in a profile beside [slurm].
func (r *reader) refuseOtherSections() {
	for _, name := range r.root.names {
		if name != slurmSection && r.sound(name) {
			r.report(r.root.fields[name].key, name, "a profile says nothing of the run itself",
				"a profile has the section [slurm] alone; the rest stands in the run file")
		}
	}
}

// Load reads a run file as the function Load does; what its own [slurm] leaves
// out comes from the profile.
func (p Profile) Load(path string) (*Run, error) {
	return load(path, p)
}
