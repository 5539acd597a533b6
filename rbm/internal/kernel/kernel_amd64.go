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
	if x.HasAVX512F && x.HasAVX512DQ {
		kernels = append(kernels, &Kernel{name: "avx512", fill: fillAVX512, set: setAVX512, add: addAVX512, decide: decideAVX512, mean: meanAVX512,
			decideMean: decideMeanAVX512, setDecide: setDecideAVX512, addDecide: addDecideAVX512, scaleTranspose: scaleTransposeAVX2})
	}
	return append(kernels, &Kernel{name: "avx2", fill: fillAVX2, set: setAVX2, add: addAVX2, decide: decideAVX2, mean: meanAVX2,
		decideMean: decideMeanAVX2, scaleTranspose: scaleTransposeAVX2})
}
