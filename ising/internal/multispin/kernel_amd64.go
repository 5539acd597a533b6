//go:build !noasm

package multispin

//go:generate go run -C _gen . -out ../kernels_amd64.s -stubs ../stubs_amd64.go -pkg multispin

import "golang.org/x/sys/cpu"

// assembly returns the kernels in assembly that this processor can run, the fastest first.
func assembly() (kernels []*Kernel) {
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ {
		kernels = append(kernels, &Kernel{
			name:      "avx512",
			flip:      [rules]flipFunc{metropolis4AVX512, metropolis6AVX512, heatBath4AVX512},
			bonds:     bondsAVX512,
			row:       rowAVX512,
			transpose: transposeAVX512,
		})
	}
	if cpu.X86.HasAVX2 {
		kernels = append(kernels, &Kernel{
			name:      "avx2",
			flip:      [rules]flipFunc{metropolis4AVX2, metropolis6AVX2, heatBath4AVX2},
			bonds:     bondsAVX2,
			row:       rowAVX2,
			transpose: transposeAVX2,
		})
	}
	return kernels
}
