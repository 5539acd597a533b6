package rbm

import (
	"syscall"
	"time"
	"unsafe"
)

// processorTime returns the time that this process has run: what else the machine
// does counts little.
func processorTime() time.Duration {
	const process = 2 // CLOCK_PROCESS_CPUTIME_ID
	var t syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, process, uintptr(unsafe.Pointer(&t)), 0); errno != 0 {
		panic(errno)
	}
	return time.Duration(t.Nano())
}
