//go:build robust

package fault

import "sync/atomic"

var inject atomic.Pointer[func(Op, string) error]

// Inject makes f decide which calls fail, until restore is called.
func Inject(f func(Op, string) error) (restore func()) {
	inject.Store(&f)
	return func() { inject.Store(nil) }
}

// Check returns the error with which a call is to fail.
func Check(op Op, path string) error {
	if f := inject.Load(); f != nil {
		return (*f)(op, path)
	}
	return nil
}
