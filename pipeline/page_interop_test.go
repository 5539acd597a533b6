//go:build interop

package pipeline

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// opened is what a browser found of a report.
type opened struct {
	Console  []string           `json:"console"`  // messages and errors
	Requests []string           `json:"requests"` // addresses
	Unsorted []any              `json:"unsorted"` // columns that do not sort when pressed
	Unnamed  []string           `json:"unnamed"`  // things to press without a name
	Tables   int                `json:"tables"`   // that can be sorted
	Overflow map[string]float64 `json:"overflow"` // pixels beyond the window, by width and scheme
	Contrast map[string]float64 `json:"contrast"` // the least of any text
	Figures  []struct {
		Role string `json:"role"`
		Alt  string `json:"alt"`
	} `json:"figures"`
}

// browser finds Chromium.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("Chromium is missing: apt-get install chromium")
	return ""
}

// openInBrowser opens a page as page.mjs says.
func openInBrowser(t *testing.T, page string) (found opened) {
	t.Helper()
	const folder = "store/testdata/interop"
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "playwright-core")); err != nil {
		t.Fatalf("the node module playwright-core is missing: npm ci --prefix pipeline/%s", folder)
	}
	var stderr strings.Builder
	command := exec.Command("node", filepath.Join(folder, "page.mjs"), page, browser(t))
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return found
}

// TestInteropPage: a report opens in Chromium without an error and without a
// request but that for itself; every column of its tables sorts by the keyboard;
// every figure has an alternative text; it fits a phone, and its text stands out
// from the paper by the 4.5 that WCAG 2 asks for, light and dark.
func TestInteropPage(t *testing.T) {
	w := openRun(t, strings.NewReplacer("hidden = [6]", "hidden = [3, 6]",
		`["thermodynamics"]`, `["thermodynamics", "specific-heat-vs-hidden", "training", "weight-histograms", "receptive-fields", "configurations", "energy-magnetization", "correlations", "couplings", "autocorrelation", "partition"]`).Replace(smallRun))
	outcome := mustRun(t, w, 2)
	found := openInBrowser(t, outcome.Page)
	for _, message := range found.Console {
		t.Errorf("the console says %s", message)
	}
	for _, address := range found.Requests {
		if !strings.HasPrefix(address, "file:") || !strings.HasSuffix(address, "/"+pageFile) {
			t.Errorf("a request leaves the file: %s", address)
		}
	}
	for _, column := range found.Unsorted {
		t.Errorf("a column does not sort: %v", column)
	}
	for _, element := range found.Unnamed {
		t.Errorf("nothing says what this is: %s", element)
	}
	if found.Tables != 3 || len(found.Figures) != 11 {
		t.Errorf("%d tables sort, and there are %d figures", found.Tables, len(found.Figures))
	}
	for _, f := range found.Figures {
		if f.Role != "img" || len(f.Alt) < 60 {
			t.Errorf("a figure with role %q and alternative text %q", f.Role, f.Alt)
		}
	}
	for name, pixels := range found.Overflow {
		if pixels > 0 || found.Contrast[name] < 4.5 {
			t.Errorf("%s: %v pixels wider than the window, contrast %.2f", name, pixels, found.Contrast[name])
		}
	}
	if len(found.Overflow) != 4 {
		t.Errorf("opened in %d ways", len(found.Overflow))
	}
}

// Negative control: a page that asks for a file, has a script of its own, a table
// that does not sort, a figure without words and faint text is caught at all of it.
func TestInteropPageCatches(t *testing.T) {
	page := filepath.Join(t.TempDir(), pageFile)
	text := `<!DOCTYPE html><html lang="en"><head><title>x</title></head><body><p style="color:#999">faint</p>
<img src="other.png" alt=""/><figure><svg></svg></figure><a href="#"></a><div style="width:2000px">wide</div>
<table class="sortable"><thead><tr><th><button>n</button></th></tr></thead><tbody><tr><td>2</td></tr><tr><td>1</td></tr></tbody></table>
<script>missing()</script></body></html>`
	if err := os.WriteFile(page, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	found := openInBrowser(t, page)
	if len(found.Console) == 0 || len(found.Requests) < 6 || len(found.Unsorted) != 2 || len(found.Unnamed) == 0 ||
		found.Figures[0].Alt != "" || found.Overflow["390-light"] <= 0 || found.Contrast["1280-light"] > 4.5 {
		t.Errorf("%+v", found)
	}
}
