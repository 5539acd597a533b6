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
	avx2 := &Kernel{name: "avx2", fill: fillAVX2, set: setAVX2, add: addAVX2, decide: decideAVX2, mean: meanAVX2, decideMean: decideMeanAVX2,
		scaleTranspose: scaleTransposeAVX2, advance: advanceAVX2, infinite: infiniteAVX2}
	if x.HasAVX512F && x.HasAVX512DQ {
		avx512 := *avx2 // what takes little time is shared
		avx512.name = "avx512"
		avx512.fill, avx512.set, avx512.add = fillAVX512, setAVX512, addAVX512
		avx512.decide, avx512.mean, avx512.decideMean = decideAVX512, meanAVX512, decideMeanAVX512
		avx512.setDecide, avx512.addDecide = setDecideAVX512, addDecideAVX512
		kernels = append(kernels, &avx512)
	}
	return append(kernels, avx2)
}
