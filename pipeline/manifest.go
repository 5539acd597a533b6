package pipeline

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"isingrbm/analysis"
	"isingrbm/ising"
	"isingrbm/pipeline/store"
	"isingrbm/rbm"
)

// Version is the program's version.
const Version = "0.1.0"

// Revision is the version-control revision the program was built from, "" if
// the build does not know it.
func Revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
}

const (
	manifestFile    = "manifest.json"
	environmentFile = "environment.json"
	runFileCopy     = "run.toml"
	manifestFormat  = 1
)

// manifest says what a run directory holds and where it comes from. It has no
// times and no host: one seed and program give the same bytes.
type manifest struct {
	Format      int                  `json:"format"`
	Program     string               `json:"program"`
	Version     string               `json:"version"`
	Revision    string               `json:"revision"`
	RunFile     string               `json:"run_file_sha256"`
	Settings    []Input              `json:"settings"`
	Versions    []Input              `json:"versions"`
	Streams     string               `json:"random_streams"`
	Observables []manifestObservable `json:"observables"`
	Inputs      string               `json:"inputs_sha256"` // what the tables, figures and page were made from
	Files       []sealedFile         `json:"files"`         // the tables, figures and page as they were written
}

// sealedFile is a file of the run directory and its checksum.
type sealedFile struct {
	Name string `json:"name"` // with forward slashes
	store.Checksum
}

type manifestObservable struct {
	Name       string `json:"name"`
	Symbol     string `json:"symbol"`
	Unit       string `json:"unit"`
	Definition string `json:"definition"`
}

// writeManifest seals the tables, the figures and the page, all of which are
// there: their inputs' fingerprint stands in the manifest from now on.
func (w *Workspace) writeManifest(fingerprint string, files []string) error {
	var sealed []sealedFile
	for _, name := range files {
		sum, err := store.Sum(filepath.Join(w.Dir, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		sealed = append(sealed, sealedFile{name, sum})
	}
	m, err := w.manifest(fingerprint, sealed)
	if err != nil {
		return err
	}
	return w.writeJSON(manifestFile, m)
}

// manifest is the manifest of a report.
func (w *Workspace) manifest(fingerprint string, files []sealedFile) (manifest, error) {
	text, err := os.ReadFile(w.Path)
	if err != nil {
		return manifest{}, err
	}
	sum := sha256.Sum256(text)
	m := manifest{
		Format: manifestFormat, Program: "isingrbm", Version: Version, Revision: Revision(),
		RunFile: hex.EncodeToString(sum[:]), Streams: streamFormat, Inputs: fingerprint, Files: files,
	}
	for _, kv := range w.Run.Keys() {
		m.Settings = append(m.Settings, Input{kv.Key, kv.Value})
	}
	for _, stage := range CellStages() {
		m.Versions = append(m.Versions, stageVersions[stage])
	}
	for _, o := range analysis.Observables() {
		m.Observables = append(m.Observables, manifestObservable{o.Name, o.Symbol, o.Unit, o.Definition})
	}
	return m, nil
}

// upToDate reports whether the tables, figures and page were made from the
// finished cells as they are, and are all there as they were written; the
// manifest too, which is read as bytes.
func (w *Workspace) upToDate(fingerprint string) bool {
	path := filepath.Join(w.Dir, manifestFile)
	var m manifest
	if store.ReadJSON(path, &m) != nil {
		return false
	}
	if want, err := w.manifest(fingerprint, m.Files); err != nil || !store.WrittenAs(path, want) {
		return false
	}
	for _, f := range m.Files {
		if sum, err := store.Sum(filepath.Join(w.Dir, filepath.FromSlash(f.Name))); err != nil || sum != f.Checksum {
			return false
		}
	}
	return true
}

// analysisVersion changes when the same files give other tables or figures.
const analysisVersion = "4"

// fingerprint hashes everything the tables, figures and page depend on: the
// finished cells' files by their checksums, and the run file's settings.
func (w *Workspace) fingerprint(list []taskStatus) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, "analysis", analysisVersion, Version)
	for _, kv := range w.Run.Keys() {
		fmt.Fprintln(h, kv.Key, kv.Value)
	}
	for _, s := range list {
		if s.Status != Done {
			continue
		}
		sums, err := os.ReadFile(filepath.Join(w.folders.of(s.Cell), store.ChecksumsFile))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		fmt.Fprintln(h, s.Stage, s.Cell.ID())
		h.Write(sums)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// environment says where and with what the last run was carried out.
type environment struct {
	Time      time.Time `json:"time"`
	Host      string    `json:"host"`
	System    string    `json:"system"`
	Go        string    `json:"go"`
	Cores     int       `json:"cores"`
	Workers   int       `json:"workers"`
	Generator string    `json:"generator_kernel"` // of the Monte Carlo: portable, avx2 or avx512
	Engine    string    `json:"machine_kernel"`   // of the machines
	Version   string    `json:"version"`
	Revision  string    `json:"revision"`
}

// provenanceStands reports whether the run file was copied as it is, and an
// environment recorded.
func (w *Workspace) provenanceStands() bool {
	text, err := os.ReadFile(w.Path)
	if err != nil {
		return false
	}
	copied, err := os.ReadFile(filepath.Join(w.Dir, runFileCopy))
	if err != nil || !bytes.Equal(copied, text) {
		return false
	}
	_, err = os.Stat(filepath.Join(w.Dir, environmentFile))
	return err == nil
}

// writeProvenance copies the run file and records the environment.
func (w *Workspace) writeProvenance(workers int) error {
	text, err := os.ReadFile(w.Path)
	if err != nil {
		return err
	}
	err = w.writeFile(runFileCopy, func(out io.Writer) error {
		_, err := out.Write(text)
		return err
	})
	if err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	generator, err := ising.Kernel()
	if err != nil {
		return err
	}
	engine, err := rbm.Kernel()
	if err != nil {
		return err
	}
	return w.writeJSON(environmentFile, environment{
		Time: time.Now().UTC(), Host: host, System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(),
		Cores: runtime.NumCPU(), Workers: workers, Generator: generator, Engine: engine, Version: Version, Revision: Revision(),
	})
}
