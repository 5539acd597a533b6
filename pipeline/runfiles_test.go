package pipeline

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"isingrbm/pipeline/runfile"
)

// Every run file that comes with the program is valid, and so is every profile
// of a cluster.
func TestRunFilesAreValid(t *testing.T) {
	count := 0
	err := filepath.WalkDir(filepath.Join("..", "runs"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() && strings.HasSuffix(path, ".out") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".toml" {
			return nil
		}
		count++
		if filepath.Base(filepath.Dir(path)) == "cluster" {
			_, err = runfile.FindProfile(path, path)
		} else {
			_, err = OpenWorkspace(path)
		}
		if err != nil {
			t.Error(err)
		}
		return nil
	})
	if err != nil || count < 2 {
		t.Errorf("%d run files, error %v", count, err)
	}
}
