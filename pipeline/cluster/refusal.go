package cluster

import (
	"fmt"
	"strings"
)

// Kind is what a Slurm refuses.
type Kind string

// The kinds of refusal.
const (
	NoSlurm     Kind = "no Slurm here"
	NoAnswer    Kind = "no answer"
	Limit       Kind = "a limit"
	Partition   Kind = "the partition"
	Account     Kind = "the account"
	QOS         Kind = "the quality of service"
	TimeLimit   Kind = "the time"
	Resources   Kind = "the resources"
	Constraint  Kind = "the constraint"
	Option      Kind = "an option"
	Disk        Kind = "the disk"
	Unexplained Kind = "something else"
)

// Refusal is why a batch system did not do what it was asked.
type Refusal struct {
	Kind    Kind
	Message string // the batch system's own words
	Hint    string // what to do, if more is known than the kind's own advice
}

func (r *Refusal) Error() string {
	hint := r.Hint
	if hint == "" {
		hint = advice[r.Kind]
	}
	return fmt.Sprintf("%s\n  hint: %s", r.Message, hint)
}

// signs are what Slurm's messages say, in the words of its source
// (src/common/slurm_errno.c, 22.05 to 24.11), and what they are about.
var signs = []struct {
	text string
	kind Kind
}{
	{"Job violates accounting/QOS policy", Limit},
	{"Slurm temporarily unable to accept job", Limit},
	{"Resource temporarily unavailable", Limit},
	{"maximum number of jobs", Limit},
	{"nvalid partition", Partition},
	{"partition group not permitted", Partition},
	{"not permitted to use this partition", Partition},
	{"nvalid account", Account},
	{"nvalid qos", QOS},
	{"time limit", TimeLimit},
	{"nvalid feature", Constraint},
	{"node configuration is not available", Resources},
	{"emory specification can not be satisfied", Resources},
	{"CPU count", Resources},
	{"More processors requested", Resources},
	{"nvalid job array", Limit},
	{"unrecognized option", Option},
	{"invalid option", Option},
	{"nvalid --", Option},
	{"requires an argument", Option},
	{"Could not establish a configuration source", NoSlurm},
	{"Unable to contact slurm controller", NoAnswer},
	{"Socket timed out", NoAnswer},
	{"Connection refused", NoAnswer},
	{"Unable to establish", NoAnswer},
	{"No space left", Disk},
	{"quota exceeded", Disk},
}

// advice says for each kind what to do; `submit` may be called again at any
// time.
var advice = map[Kind]string{
	NoSlurm:     "submit on the cluster's login node; `isingrbm run` works without a cluster, and `submit --system … --dry-run` writes scripts for other batch systems",
	NoAnswer:    "ask again in some minutes: what was handed in is found in the queue and not submitted twice",
	Limit:       "call submit again when some have ended, or put more cells into a task with slurm.cells_per_task",
	Partition:   "set slurm.partition to one of those that `sinfo` lists, then submit again",
	Account:     "set slurm.account to one of those that `sacctmgr show associations user=$USER` lists, then submit again",
	QOS:         "set slurm.qos to one of those that `sacctmgr show qos` lists, or leave it empty, then submit again",
	TimeLimit:   "set slurm.time to what the partition allows; tasks that need longer save and go on by themselves; then submit again",
	Resources:   "set slurm.cpus, slurm.memory or slurm.partition to what `sinfo -o '%R %c %m'` offers, then submit again",
	Constraint:  "set slurm.constraint to features that `sinfo -o '%R %f'` lists, or leave it empty, then submit again",
	Option:      "look at slurm.extra: every entry is one option of sbatch; then submit again",
	Disk:        "make room, or move the run file to a folder with more, then submit again",
	Unexplained: "`submit --dry-run` shows what was asked; `sbatch --test-only SCRIPT` says more; then submit again",
}

// refusal makes sense of what a command printed before it failed.
func refusal(name, printed string, err error) *Refusal {
	for line := range strings.Lines(printed) {
		for _, sign := range signs {
			if strings.Contains(strings.ToLower(line), strings.ToLower(sign.text)) {
				return &Refusal{Kind: sign.kind, Message: strings.TrimSpace(line)}
			}
		}
	}
	message := firstLine(printed)
	if message == "" {
		message = name + ": " + err.Error()
	}
	return &Refusal{Kind: Unexplained, Message: message}
}

// firstLine is the first line that says something.
func firstLine(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}
