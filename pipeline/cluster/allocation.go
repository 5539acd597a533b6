package cluster

import (
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
)

// processorVariables are where batch systems say how many processors a job may
// use on its node: Slurm, Grid Engine, PBS, LSF.
var processorVariables = []string{"SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE", "NSLOTS", "NCPUS", "LSB_DJOB_NUMPROC"}

// Processors is how many processors a job may use, or all that this process
// may use where no batch system says less.
func Processors() int {
	for _, name := range processorVariables {
		if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
			return n
		}
	}
	return runtime.GOMAXPROCS(0)
}

// allocatedMemory is what the job may use, in bytes, or what was asked for
// where the batch system does not say.
func allocatedMemory(asked int64) int64 {
	if n, err := strconv.ParseInt(os.Getenv("SLURM_MEM_PER_NODE"), 10, 64); err == nil && n > 0 {
		return n << 20
	}
	if n, err := strconv.ParseInt(os.Getenv("SLURM_MEM_PER_CPU"), 10, 64); err == nil && n > 0 {
		return n << 20 * int64(Processors())
	}
	return asked
}

// keepToAllocation holds the process to what the job was given. The collector
// of garbage works harder from nine tenths of the memory on, so that a job is
// not killed for memory that is free.
func keepToAllocation(asked int64) {
	runtime.GOMAXPROCS(Processors())
	debug.SetMemoryLimit(allocatedMemory(asked) / 10 * 9)
}
