//go:build !amd64 || noasm

package kernel

// assembly returns nothing: there is none for this processor, or it was left out by
// the build tag noasm.
func assembly() []*Kernel { return nil }
