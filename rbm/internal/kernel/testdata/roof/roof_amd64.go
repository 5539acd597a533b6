//go:build !noasm

package roof

//go:generate go run -C ../../_gen ./roof -out ../testdata/roof/assembly_amd64.s -stubs ../testdata/roof/assembly_amd64.go -pkg roof

import "golang.org/x/sys/cpu"

// Roofs returns those of the instruction sets that this processor has, the widest
// first.
func Roofs() (roofs []*Roof) {
	if cpu.X86.HasAVX512F {
		roofs = append(roofs, &Roof{"avx512", fmaAVX512, readAVX512, 16})
	}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		roofs = append(roofs, &Roof{"avx2", fmaAVX2, readAVX2, 8})
	}
	return roofs
}
