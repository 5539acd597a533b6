package runfile

import (
	"slices"
	"strings"
	"testing"
)

// The template is valid and says nothing but the defaults.
func TestTemplateIsTheDefaults(t *testing.T) {
	var required strings.Builder
	for _, k := range keys {
		if k.Required {
			required.WriteString(k.Path + " = " + k.Default + "\n")
		}
	}
	got, want := mustParse(t, Template()).Keys(), mustParse(t, required.String()).Keys()
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// With the preset's settings uncommented the template says the same.
func TestTemplateShowsThePreset(t *testing.T) {
	text := Template()
	for _, k := range inSection("training") {
		if k.Default == "" && k.Example == "" {
			commented := "\n# " + k.Name() + " = "
			if strings.Count(text, commented) != 1 {
				t.Errorf("%s is not shown once", k.Path)
			}
			text = strings.Replace(text, commented, "\n"+k.Name()+" = ", 1)
		}
	}
	if got, want := mustParse(t, text).Keys(), mustParse(t, Template()).Keys(); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// Every section and key stands in the template, with its meaning.
func TestTemplateIsComplete(t *testing.T) {
	text := Template()
	for _, s := range Sections() {
		if strings.Count(text, "\n["+s.Name+"]\n") != 1 {
			t.Errorf("[%s] does not stand once", s.Name)
		}
	}
	flat := strings.ReplaceAll(text, "\n# ", " ")
	for _, k := range keys {
		if !strings.Contains(text, "\n"+k.Name()+" = ") && !strings.Contains(text, "\n# "+k.Name()+" = ") {
			t.Errorf("%s is missing", k.Path)
		}
		if !strings.Contains(flat, k.Doc) {
			t.Errorf("the meaning of %s is missing", k.Path)
		}
	}
	for line := range strings.Lines(text) {
		if n := len([]rune(line)); n > templateWidth+1 {
			t.Errorf("%d characters in %q", n, line)
		}
	}
}

func TestTemplateGolden(t *testing.T) {
	compareGolden(t, ".", "template", Template())
}
