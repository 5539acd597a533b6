package lock

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// Holder says who holds a lock.
type Holder struct {
	Host    string    `json:"host"`
	Process int       `json:"process"`
	Machine string    `json:"machine"`           // where process numbers mean the same: boot and process namespace
	Started string    `json:"started"`           // of the process, since the boot; tells it from a later one of its number
	Job     string    `json:"job,omitempty"`     // number of the batch job, if it is one
	Restart int       `json:"restart,omitempty"` // how often the job was started before
	Tenure  string    `json:"tenure"`
	Beat    int64     `json:"beat"` // counts up while the holder lives
	Time    time.Time `json:"time"` // of the last beat, by the holder's clock; for people
}

// String names the holder for messages.
func (h Holder) String() string {
	if h.Process == 0 {
		return "a process that left no name"
	}
	return fmt.Sprintf("process %d on %s", h.Process, h.Host)
}

// Alive reports whether the holder seems to be at work, at a glance: by its
// process on this machine, by the age of its heartbeat on another, whose clock
// is trusted here. It is for showing; taking over waits and compares.
func (h Holder) Alive() bool {
	if h.Machine == machine() {
		return processAlive(h.Process, h.Started)
	}
	return time.Since(h.Time) < 2*Patience
}

// Find returns who holds the lock of a folder, and whether anybody does. Of a
// lock that cannot be read only the tenure is known.
func Find(folder string) (Holder, bool) {
	tenure, ok := tenureOf(folder)
	if !ok {
		return Holder{}, false
	}
	var h Holder
	text, err := os.ReadFile(filepath.Join(folder, lockName, tenure, holderFile))
	if err != nil || json.Unmarshal(text, &h) != nil || h.Tenure != tenure {
		return Holder{Tenure: tenure}, true
	}
	return h, true
}

// tenureOf returns the tenure of a folder's lock, and whether it has one.
func tenureOf(folder string) (string, bool) {
	entries, err := os.ReadDir(filepath.Join(folder, lockName))
	if err != nil || len(entries) == 0 {
		return "", false
	}
	return entries[0].Name(), true
}

// self describes this process.
func self(tenure string) (Holder, error) {
	host, err := os.Hostname()
	if err != nil {
		return Holder{}, err
	}
	started, _ := processStart(os.Getpid())
	job, restart := batchJob()
	return Holder{
		Host: host, Process: os.Getpid(), Machine: machine(), Started: started, Job: job, Restart: restart, Tenure: tenure, Time: time.Now().UTC(),
	}, nil
}

// batchJob identifies the batch job that this process is, if it is one, and
// counts its earlier starts. Slurm starts a job again under the same number.
func batchJob() (job string, restart int) {
	if job = os.Getenv("SLURM_JOB_ID"); job == "" {
		return "", 0
	}
	restart, _ = strconv.Atoi(os.Getenv("SLURM_RESTART_COUNT")) // absent at the first start
	return os.Getenv("SLURM_CLUSTER_NAME") + " " + job, restart
}

// precedes reports whether the holder was an earlier start of this batch job.
func (h Holder) precedes() bool {
	job, restart := batchJob()
	return job != "" && h.Job == job && h.Restart < restart
}

// machine identifies what process numbers refer to: the host, its boot, and the
// namespace of processes, which differs between containers of one host.
func machine() string {
	host, _ := os.Hostname()
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	namespace, _ := os.Readlink("/proc/self/ns/pid")
	return fmt.Sprintf("%s %s %s", host, bytes.TrimSpace(boot), namespace)
}

// processAlive reports whether a process of this machine is still at work: it
// exists, is not merely waiting to be buried, and is not a later one that was
// given the same number.
func processAlive(process int, started string) bool {
	found, err := os.FindProcess(process)
	if err != nil {
		return false
	}
	if err := found.Signal(syscall.Signal(0)); err != nil && !errors.Is(err, os.ErrPermission) {
		return false
	}
	now, state := processStart(process)
	if state == 'Z' || state == 'X' {
		return false
	}
	return now == "" || started == "" || now == started
}

// processStart returns when a process began, in clock ticks since the boot, and
// the letter of its state: the fields 22 and 3 of /proc/PID/stat (proc(5)).
// Where there is no such file both are zero.
func processStart(process int) (started string, state byte) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(process) + "/stat")
	if err != nil {
		return "", 0
	}
	const state3, started22 = 0, 19 // counted from behind the name, which may hold anything
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) <= started22 {
		return "", 0
	}
	return string(fields[started22]), fields[state3][0]
}

// missing reports whether an error says that a file or its folder is gone, on
// a shared file system also that its handle is.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESTALE)
}
