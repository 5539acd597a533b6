package pipeline

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"isingrbm/pipeline/runfile"
	"isingrbm/pipeline/store"
)

// quickMark begins a run file that WriteQuick wrote, and may replace.
const quickMark = "The quick variant of "

// WriteQuick writes the quick variant of a run file, NAME-quick.toml beside NAME.toml,
// and returns its path; see [runfile.Run.Quick]. A file of that name that is somebody
// else's is left alone, which is an error.
func WriteQuick(path string) (quick string, err error) {
	run, err := runfile.Load(path)
	if err != nil {
		return "", err
	}
	quick = strings.TrimSuffix(path, ".toml") + "-quick.toml"
	switch text, err := os.ReadFile(quick); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return "", err
	case !bytes.HasPrefix(text, []byte("# "+quickMark)):
		return "", fmt.Errorf("%s is there already, and no quick variant of a run file\n  hint: rename it", quick)
	}
	text := run.Quick(quickMark + filepath.Base(path) + ": its cells and figures with few configurations and updates,\nwhose results mean nothing.")
	return quick, store.WriteFile(quick, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}
