package runfile

// IsDefault reports whether a key of the run has the value that it would have
// if the file did not set it. A run that was made before the key existed had
// that value too.
func (r *Run) IsDefault(path string) bool {
	k, ok := find(path)
	if !ok || r == nil {
		return false
	}
	if !r.given[path] {
		return true
	}
	blank := &Run{RBM: &RBM{}}
	switch {
	case k.Default != "":
		reader := newReader(source{}, newTable())
		reader.read(k, defaultTree().at(path), k.field(blank))
		if _, temperatures := k.field(blank).(*[]Temperature); temperatures {
			return false // required, and never new
		}
	case r.RBM != nil:
		blank.Training = preset(r.Training.Preset, tied(r.Training.Symmetry))
	}
	return canonical(k, k.field(blank)) == canonical(k, k.field(r))
}
