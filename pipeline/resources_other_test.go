//go:build !linux

package pipeline

import (
	"math"
	"testing"
)

// What the operating system does not tell alike everywhere is not reported.
func processorSeconds(*testing.B) float64 { return math.NaN() }
func peakMemory(*testing.B) float64       { return math.NaN() }
