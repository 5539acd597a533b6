// Package fault is where tests make the operating system fail. Everything that
// writes asks [Check] before each call that may fail on a real disk. Built
// without the tag robust, which only tests use, the answer is always nil and
// the question costs nothing.
package fault

// Op is a call to the operating system.
type Op string

// The calls that can be made to fail.
const (
	Create Op = "create" // of a file or a folder
	Write  Op = "write"  // fails after half of the bytes
	Sync   Op = "sync"
	Rename Op = "rename"
)
