package cli

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asProgram, in the environment, makes the test binary the program itself.
const asProgram = "ISINGRBM_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(Main(os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// process is the program running apart from the test.
type process struct {
	*exec.Cmd
	stdout, stderr bytes.Buffer
}

// start starts the program with the arguments; it is killed when the test ends.
func start(t *testing.T, args ...string) *process { return startWith(t, nil, args...) }

// startWith is start with more of an environment.
func startWith(t *testing.T, environment []string, args ...string) *process {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.Command(path, args...)}
	p.Env = append(append(os.Environ(), asProgram+"=1"), environment...)
	p.Stdout, p.Stderr = &p.stdout, &p.stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Process.Kill(); p.Wait() }) // no effect on one that has ended
	return p
}

// status waits for the program's end and returns its exit status, -1 after a
// signal.
func (p *process) status(t *testing.T) int {
	t.Helper()
	var exit *exec.ExitError
	if err := p.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return p.ProcessState.ExitCode()
}

// endless is a run whose stages all take hours.
var endless = strings.NewReplacer("configurations = 1_000\nv", "configurations = 900_000_000\nv", "sizes = [4]", "sizes = [16]").Replace(smallRun)

// waitFor waits until a file is there.
func waitFor(t *testing.T, path string) {
	t.Helper()
	for {
		if _, err := os.Stat(path); err == nil {
			return
		}
		if t.Context().Err() != nil {
			t.Fatal("the test ended")
		}
		time.Sleep(time.Millisecond)
	}
}

// TestSignals: the first of each stopping signal saves and ends with status 75,
// a second one ends with 130.
func TestSignals(t *testing.T) {
	for _, s := range stopSignals {
		path := writeRun(t, endless)
		p := start(t, "run", path)
		waitFor(t, strings.TrimSuffix(path, ".toml")+".out/cells/L016/T2.000000/state.json")
		if err := p.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		if status := p.status(t); status != statusInterrupted || !strings.Contains(p.stderr.String(), "run again to continue") {
			t.Errorf("%v: status %d, %s", s, status, &p.stderr)
		}
		if left, err := filepath.Glob(strings.TrimSuffix(path, ".toml") + ".out/cells/*/*/*lock*"); err != nil || left != nil {
			t.Errorf("%v: left %q, %v", s, left, err)
		}
	}
}

// TestSecondSignal: while the first signal's saving goes on, the second ends the
// program at once; a processor-time limit's repetition does not.
func TestSecondSignal(t *testing.T) {
	signals := make(chan os.Signal, 8)
	for range 3 {
		signals <- syscall.SIGXCPU
	}
	second := again(signals, syscall.SIGXCPU)
	select {
	case <-second:
		t.Error("the repeated SIGXCPU counts as a second signal")
	default:
	}
	signals <- syscall.SIGTERM
	<-second
	signals <- syscall.SIGXCPU
	<-again(signals, syscall.SIGINT)
}

// TestTwoSignals: the second one ends with status 130 what the first could not
// stop, here an exact solution.
func TestTwoSignals(t *testing.T) {
	for delay := 50 * time.Millisecond; ; delay *= 2 {
		p := start(t, "exact", "--size", "12", "--temperature", "2"+strings.Repeat(",2.5,3", 500))
		time.Sleep(delay)
		p.Process.Signal(os.Interrupt)
		time.Sleep(delay)
		p.Process.Signal(os.Interrupt)
		status := p.status(t)
		if status == -1 && delay < time.Minute {
			continue // it did not even listen for signals yet
		}
		if status != statusKilled || !strings.Contains(p.stderr.String(), "a second signal ends at once") {
			t.Errorf("status %d, want %d: %s", status, statusKilled, &p.stderr)
		}
		return
	}
}

// TestTimeLeft: the earlier of the time limit and the job's end counts, each
// less what stopping may take.
func TestTimeLeft(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	for _, c := range []struct {
		limit time.Duration
		end   string
		left  time.Duration
		ok    bool
	}{
		{0, "", 0, false},
		{0, "soon", 0, false},
		{time.Hour, "", time.Hour - stopTime, true},
		{time.Hour, "1000600", 10*time.Minute - batchMargin, true},
		{time.Minute, "1000600", time.Minute - stopTime, true},
		{0, "1000010", 0, true},
		{0, "999000", 0, true},
	} {
		if left, ok := timeLeft(c.limit, now, c.end); left != c.left || ok != c.ok {
			t.Errorf("limit %v, end %q: %v, %v, want %v, %v", c.limit, c.end, left, ok, c.left, c.ok)
		}
	}
}

// TestTimeLimit: a run whose time is over ends with status 75, and so does one
// in a batch job that is about to end.
func TestTimeLimit(t *testing.T) {
	path := writeRun(t, endless)
	if r := execute(t.Context(), "run", "--time-limit", "9.05s", path); r.status != statusInterrupted {
		t.Errorf("status %d, %s", r.status, r.stderr)
	}
	t.Setenv("SLURM_JOB_END_TIME", "1")
	if r := execute(t.Context(), "generate", path); r.status != statusInterrupted {
		t.Errorf("status %d, %s", r.status, r.stderr)
	}
	for _, limit := range []string{"-1s", "9s", "soon"} {
		if r := execute(t.Context(), "run", "--time-limit", limit, path); r.status != statusUsage || !strings.Contains(r.stderr, "time-limit") {
			t.Errorf("--time-limit %s: status %d, %s", limit, r.status, r.stderr)
		}
	}
}
