package ising

import (
	"fmt"
	"os"
	"sync"

	"isingrbm/ising/internal/multispin"
)

// kernelVariable is the environment variable that chooses the kernel.
const kernelVariable = "ISINGRBM_KERNEL"

// Kernel returns the name of the kernel that blocks use, the implementation of the loops that take most of their time: avx512
// or avx2, in assembly, or portable. It is the fastest that the processor has, or that which the environment variable
// ISINGRBM_KERNEL names; a name that is unknown or that the processor or the build does not have is an error, and so is then
// every [NewBlock]. All kernels give the same bits.
func Kernel() (string, error) {
	k, err := kernel()
	if err != nil {
		return "", err
	}
	return k.Name(), nil
}

var kernel = sync.OnceValues(func() (*multispin.Kernel, error) { return selectKernel(os.Getenv(kernelVariable)) })

func selectKernel(name string) (*multispin.Kernel, error) {
	k, err := multispin.Select(name)
	if err != nil {
		return nil, fmt.Errorf("ising: environment variable %s: %w", kernelVariable, err)
	}
	return k, nil
}
