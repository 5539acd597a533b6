package rbm

import "isingrbm/rbm/internal/kernel"

// Kernel returns the name of the kernel that machines use, the implementation of the
// loops that take most of their time: avx512 or avx2, in assembly, or portable. It is
// the fastest that the processor has, or that which the environment variable
// ISINGRBM_KERNEL names; a name that is unknown or that the processor or the build
// does not have is an error. All kernels give the same bits.
func Kernel() (string, error) {
	k, err := kernel.Selected()
	if err != nil {
		return "", err
	}
	return k.Name(), nil
}
