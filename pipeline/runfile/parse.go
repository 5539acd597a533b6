package runfile

import (
	"fmt"

	"github.com/BurntSushi/toml"
)

// longestFile is far more than any run needs; a longer file is some other
// file.
const longestFile = 1 << 20

// Parse reads the text of a run file, whose name appears in messages. The
// error is an [*Errors] with all that is wrong.
func Parse(name string, text []byte) (*Run, error) {
	return parseWith(Profile{}, name, text)
}

func parseWith(profile Profile, name string, text []byte) (*Run, error) {
	src := newSource(name, text)
	root, problem := parse(src)
	if problem != nil {
		return nil, newErrors(src, []Problem{*problem})
	}
	return (&parsedFile{profile, src, root}).run(nil)
}

// parsedFile is a run file whose text is TOML.
type parsedFile struct {
	profile Profile
	source  source
	root    *node
}

// run makes a run of the file and of what its [data] was found to hold.
func (f *parsedFile) run(brought *Brought) (*Run, error) {
	r := newReader(f.source, f.root)
	r.profile, r.brought = f.profile.root, brought
	r.readAll()
	r.takeBrought()
	r.checkAll()
	if len(r.problems) > 0 {
		return nil, r.errors()
	}
	r.run.file, r.run.Brought = f, brought
	return r.run, nil
}

// parse returns the tree of a TOML text, or the first thing that is no TOML.
func parse(src source) (*node, *Problem) {
	if len(src.text) > longestFile {
		return nil, &Problem{
			Message: fmt.Sprintf("%d bytes are too many for a run file", len(src.text)),
			Hint:    "a run file has a few hundred lines at most; is this another file?",
		}
	}
	if at, invalid := invalidUTF8(src.text); invalid {
		return nil, syntaxProblemAt(src, at, fmt.Sprintf("byte 0x%02x is not UTF-8", src.text[at.start]), "save the file as UTF-8 text")
	}
	root, deep := locate(src.text)
	if deep.end > 0 {
		return nil, syntaxProblemAt(src, deep, "lists, tables or names are nested too deeply", "no run file needs that")
	}
	data, err := decode(src.text)
	if err != nil {
		return nil, syntaxProblem(src, err)
	}
	root.attach(data)
	return root, nil
}

// decode runs the library over a text, and returns an error also where the
// library panics over one that it thought impossible.
func decode(text string) (data map[string]any, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("%v", reason)
		}
	}()
	_, err = toml.Decode(text, &data)
	return data, err
}
