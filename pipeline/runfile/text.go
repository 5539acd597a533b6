package runfile

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// bareName is a name as it stands in an option, without blanks.
var bareName = pattern{
	allows: func(s string) bool { return !strings.ContainsFunc(s, unicode.IsSpace) },
	form:   ", without blanks",
}

// folderName is an absolute path, of which the front may be a variable of the
// environment.
var folderName = pattern{
	allows: func(s string) bool { return s == "" || s[0] == '/' || s[0] == '$' },
	form:   " that begins with / or with a variable such as $TMPDIR",
}

// batchOption is an option of a batch system that submit does not set itself.
var batchOption = pattern{
	allows: func(s string) bool {
		name, _, _ := strings.Cut(s, "=")
		name, _, _ = strings.Cut(name, " ")
		return strings.HasPrefix(name, "-") && !slices.Contains(ownOptions, name)
	},
	form: ` that begins with - and that no other key sets, such as "--mail-type=END"`,
}

// ownOptions are those of sbatch that submit writes itself, from other keys or
// because its tasks rest on them.
var ownOptions = []string{
	"--account", "-A", "--partition", "-p", "--qos", "-q", "--constraint", "-C", "--time", "-t", "--mem", "--mem-per-cpu",
	"--cpus-per-task", "-c", "--ntasks", "-n", "--nodes", "-N", "--array", "-a", "--dependency", "-d", "--output", "-o",
	"--error", "-e", "--signal", "--requeue", "--no-requeue", "--open-mode", "--job-name", "-J", "--chdir", "-D",
	"--kill-on-invalid-dep", "--parsable", "--wrap", "--export", "--hold", "-H",
}

// wordOrText reads one of the key's words, or a text if the key has none.
func (r *reader) wordOrText(k Key, n *node) (string, bool) {
	if k.Type == Text {
		return r.text(k, n)
	}
	return r.word(k, n)
}

// text reads a text of one line that the key's pattern allows.
func (r *reader) text(k Key, n *node) (string, bool) {
	v, ok := n.data.(string)
	switch {
	case !ok:
		r.reportType(k, n, "text")
		return "", false
	case strings.ContainsFunc(v, unicode.IsControl):
		r.report(n.place(), k.Path, fmt.Sprintf("%s has a line break or another control character", r.source.quote(n.place())), k.Name()+" is "+k.Form())
		return "", false
	case k.texts.allows != nil && !k.texts.allows(v):
		r.report(n.place(), k.Path, fmt.Sprintf("%s cannot stand here", r.source.quote(n.place())), k.Name()+" is "+k.Form())
		return "", false
	}
	return v, true
}

// readTexts reads a list of words, each of which may stand once, or of texts.
func (r *reader) readTexts(k Key, n *node, field *[]string) {
	if k.Type == Words {
		*field, _ = collect(r, k, n, r.word)
		return
	}
	for _, entry := range r.list(k, n) {
		if v, ok := r.text(k, entry); ok {
			*field = append(*field, v)
		}
	}
}
