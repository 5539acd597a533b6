//go:build !linux

package rbm

import "time"

var begin = time.Now()

// processorTime returns the time that has passed: where it cannot be told from that
// of other processes.
func processorTime() time.Duration { return time.Since(begin) }
