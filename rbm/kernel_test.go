package rbm

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"isingrbm/rbm/internal/kernel"
)

func TestKernel(t *testing.T) {
	name, err := Kernel()
	if err != nil {
		t.Fatal(err)
	}
	if asked := os.Getenv(kernel.Variable); asked != "" && name != asked {
		t.Errorf("kernel %q, but %s=%s", name, kernel.Variable, asked)
	}
}

// again runs one test of this binary with a kernel named by the environment.
func again(test, name string) (string, error) {
	command := exec.Command(os.Args[0], "-test.count=1", "-test.run=^"+test+"$", "-test.v")
	command.Env = append(os.Environ(), kernel.Variable+"="+name)
	out, err := command.CombinedOutput()
	return string(out), err
}

// Whole trainings give the golden parameters with every kernel.
func TestGoldenParametersWithEveryKernel(t *testing.T) {
	for _, k := range kernel.Kernels() {
		out, err := again("TestGoldenParameters", k.Name())
		if err != nil || !strings.Contains(out, "--- PASS: TestGoldenParameters") {
			t.Errorf("%s: %v\n%s", k.Name(), err, out)
		}
	}
}

// A kernel that there is not is refused in words.
func TestUnknownKernelIsRefused(t *testing.T) {
	out, err := again("TestKernel", "avx3")
	if want := `rbm: environment variable ISINGRBM_KERNEL: no kernel "avx3": want`; err == nil || !strings.Contains(out, want) {
		t.Errorf("error %v, output\n%s", err, out)
	}
}
