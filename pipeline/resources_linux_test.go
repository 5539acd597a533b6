package pipeline

import (
	"syscall"
	"testing"
	"time"
)

func usage(b *testing.B) syscall.Rusage {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u
}

// processorSeconds is the processor time of the process so far, user and system.
func processorSeconds(b *testing.B) float64 {
	u := usage(b)
	return (time.Duration(u.Utime.Nano()) + time.Duration(u.Stime.Nano())).Seconds()
}

// peakMemory is the most that the process has had resident, in MB.
func peakMemory(b *testing.B) float64 { return float64(usage(b).Maxrss) * 1024 / 1e6 }
