package cluster

import (
	"embed"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"
	"time"
)

//go:embed templates
var templateFiles embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"quote":     quote,
	"option":    option,
	"log":       logPath,
	"pick":      pick,
	"clock":     clock,
	"hours":     hours,
	"minutes":   func(d time.Duration) string { return fmt.Sprintf("%d:%02d", int(d.Hours()), int(d.Minutes())%60) },
	"megabytes": megabytes,
}).ParseFS(templateFiles, "templates/*.sh"))

// script writes the job script of an array.
func (s *Submission) script(a Array) (string, error) {
	parent := filepath.Dir(s.dir)
	data := map[string]any{
		"Name": a.Name, "Label": a.Label, "Limit": a.Limit, "Indices": indices(a.Elements), "Last": s.last(a), "Only": strconv.Itoa(a.Elements[0].Index),
		"Slurm": s.Slurm, "Memory": s.Memory,
		"Program": filepath.Join(parent, s.Program), "Submission": s.dir, "RunDir": filepath.Dir(parent), "Folder": filepath.Join(s.dir, a.Label),
	}
	var b strings.Builder
	err := templates.ExecuteTemplate(&b, string(s.System)+".sh", data)
	return b.String(), err
}

// quote makes one word of a text for the shell.
func quote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// option makes one word of a text in a line that a batch system reads, where
// it needs to be.
func option(text string) string {
	if strings.ContainsAny(text, " '\"\\&|") {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
	}
	return text
}

// logPath is the file for what an element prints. The sign that begins a
// batch system's own words is doubled where it stands in the folder's name.
func logPath(folder, doubled, element string) string {
	if doubled == "%%" {
		folder = strings.ReplaceAll(folder, "%", doubled)
	}
	return filepath.Join(folder, element+".log")
}

// pick returns the first text if the condition holds, else the second.
func pick(condition any, yes, no string) string {
	if condition == "" || condition == false {
		return no
	}
	return yes
}

// clock writes a time as Slurm reads it: [days-]hours:minutes:seconds.
func clock(d time.Duration) string {
	if days := d / (24 * time.Hour); days > 0 {
		return fmt.Sprintf("%d-%s", days, hours(d%(24*time.Hour)))
	}
	return hours(d)
}

// hours writes a time without days.
func hours(d time.Duration) string {
	return fmt.Sprintf("%d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
}

// megabytes rounds a size up.
func megabytes(bytes int64) int64 { return (bytes + 1<<20 - 1) >> 20 }

// indices lists the elements that have work: "1-3,7"; "" for a job of its own.
func indices(elements []Element) string {
	var parts []string
	for i := 0; i < len(elements); {
		j := i
		for j+1 < len(elements) && elements[j+1].Index == elements[j].Index+1 {
			j++
		}
		switch first, last := elements[i].Index, elements[j].Index; {
		case first == 0:
		case first == last:
			parts = append(parts, strconv.Itoa(first))
		default:
			parts = append(parts, fmt.Sprintf("%d-%d", first, last))
		}
		i = j + 1
	}
	return strings.Join(parts, ",")
}

// last is the largest index of an array for systems whose arrays have no gaps
// and wait for arrays of their own size.
func (s *Submission) last(a Array) int {
	largest := a.Elements[len(a.Elements)-1].Index
	for _, d := range a.After {
		for _, other := range s.Arrays {
			if d.Kind == afterCorresponding && other.Name == d.Array {
				largest = max(largest, other.Elements[len(other.Elements)-1].Index)
			}
		}
	}
	return largest
}
