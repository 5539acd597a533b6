//go:build !linux

package ising

import "time"

var begin = time.Now()

// processorTime returns the time on the clock.
func processorTime() time.Duration { return time.Since(begin) }
