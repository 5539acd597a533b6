package cluster

import (
	"runtime"
	"testing"
)

// TestAllocation: what a job may use is what its batch system says, the most
// telling variable first, or else what was asked for.
func TestAllocation(t *testing.T) {
	for _, name := range append(processorVariables, "SLURM_MEM_PER_NODE", "SLURM_MEM_PER_CPU") {
		t.Setenv(name, "")
	}
	if n, m := Processors(), allocatedMemory(7); n != runtime.GOMAXPROCS(0) || m != 7 {
		t.Errorf("outside a job: %d processors, %d bytes", n, m)
	}
	t.Setenv("SLURM_MEM_PER_CPU", "100")
	t.Setenv("SLURM_CPUS_ON_NODE", "64")
	t.Setenv("SLURM_CPUS_PER_TASK", "3")
	if n, m := Processors(), allocatedMemory(7); n != 3 || m != 300<<20 {
		t.Errorf("by the processor: %d processors, %d bytes", n, m)
	}
	t.Setenv("SLURM_MEM_PER_NODE", "2048")
	if m := allocatedMemory(7); m != 2<<30 {
		t.Errorf("by the node: %d bytes", m)
	}
}
