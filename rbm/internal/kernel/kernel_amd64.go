//go:build !noasm

package kernel

//go:generate go run -C _gen . -out ../assembly_amd64.s -stubs ../assembly_amd64.go -pkg kernel

import "golang.org/x/sys/cpu"

// assembly returns the kernels in assembly that this processor can run, the fastest
// first.
func assembly() (kernels []*Kernel) {
	x := &cpu.X86
	if !x.HasAVX2 || !x.HasBMI2 {
		return nil
	}
	if x.HasAVX512F {
		kernels = append(kernels, &Kernel{"avx512", fillAVX512, addAVX512, decideAVX512, meanAVX512, addDecideAVX512, decideMeanAVX512, scaleTransposeAVX2})
	}
	return append(kernels, &Kernel{"avx2", fillAVX2, addAVX2, decideAVX2, meanAVX2, nil, decideMeanAVX2, scaleTransposeAVX2})
}
