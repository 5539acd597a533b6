package pipeline

import (
	"runtime"
	"testing"
	"time"
)

// Work uses the thread's time, sleep does not.
func TestThreadTime(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const long = 20 * time.Millisecond
	before := threadTime()
	for threadTime()-before < long { // without end if work were not counted
	}
	before = threadTime()
	time.Sleep(10 * long)
	if used := threadTime() - before; used > long {
		t.Errorf("sleep used %v", used)
	}
}
