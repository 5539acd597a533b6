package cluster

import (
	"fmt"
	"slices"
	"strings"
)

// System is a batch system.
type System string

// The batch systems. submit talks to Slurm; for the others it writes scripts.
const (
	Slurm      System = "slurm"
	GridEngine System = "grid-engine" // Sun's and its heirs: array jobs with -t
	PBS        System = "pbs"         // OpenPBS and PBS Professional
	LSF        System = "lsf"
)

// Systems lists the batch systems by their names in --system.
func Systems() []System { return []System{Slurm, GridEngine, PBS, LSF} }

// ParseSystem reads the name of a batch system.
func ParseSystem(name string) (System, error) {
	if slices.Contains(Systems(), System(name)) {
		return System(name), nil
	}
	return "", fmt.Errorf("no batch system %q\n  hint: one of slurm, grid-engine, pbs, lsf", name)
}

// handIn writes the line of shell that hands in the script of the i-th array;
// jobs holds a word for the number of every array, by its name.
func (s System) handIn(i int, a Array, script string, jobs map[string]string) string {
	conditions := s.conditions(a.After, jobs)
	switch s {
	case Slurm:
		return fmt.Sprintf("job%d=$(sbatch --parsable%s %s)", i, prefixed(" --dependency=", conditions, ","), quote(script))
	case PBS:
		return fmt.Sprintf("job%d=$(qsub%s %s)", i, prefixed(" -W depend=", conditions, ","), quote(script))
	case GridEngine:
		return fmt.Sprintf("qsub%s %s", prefixed(" ", conditions, " "), quote(script))
	case LSF:
		where := strings.Join(conditions, " && ")
		if where != "" {
			where = " -w " + quote(where)
		}
		return fmt.Sprintf("bsub%s < %s", where, quote(script))
	}
	panic("cluster: no such batch system: " + string(s))
}

// numbersJobs reports whether the lines of handIn keep the numbers of jobs.
func (s System) numbersJobs() bool { return s == Slurm || s == PBS }

func prefixed(prefix string, list []string, separator string) string {
	if len(list) == 0 {
		return ""
	}
	return prefix + strings.Join(list, separator)
}

// conditions words dependencies. Grid Engine cannot tell success from failure,
// nor PBS elements of arrays: there an array waits for more than it needs to,
// and a machine whose data are missing all the same makes them itself.
func (s System) conditions(after []Dependency, jobs map[string]string) []string {
	var list []string
	for _, d := range after {
		switch job := jobs[d.Array]; s {
		case Slurm:
			if d.Index > 0 {
				job += fmt.Sprintf("_%d", d.Index)
			}
			list = append(list, d.Kind+":"+job)
		case PBS:
			kind := d.Kind
			if kind == afterCorresponding {
				kind = afterSuccess
			}
			list = append(list, kind+":"+job)
		case GridEngine:
			option := "-hold_jid "
			if d.Kind == afterCorresponding {
				option = "-hold_jid_ad "
			}
			list = append(list, option+d.Array)
		case LSF:
			list = append(list, lsfCondition(d))
		}
	}
	if s == GridEngine {
		return joinHolds(list)
	}
	return list
}

func lsfCondition(d Dependency) string {
	word, element := "done", ""
	switch {
	case d.Kind == afterEnd:
		word = "ended"
	case d.Kind == afterCorresponding:
		element = "[*]"
	case d.Index > 0:
		element = fmt.Sprintf("[%d]", d.Index)
	}
	return fmt.Sprintf(`%s("%s%s")`, word, d.Array, element)
}

// joinHolds gathers the jobs of each kind of hold: a later option of the same
// kind would replace the earlier one.
func joinHolds(list []string) []string {
	var kinds []string
	jobs := make(map[string][]string)
	for _, hold := range list {
		kind, job, _ := strings.Cut(hold, " ")
		if len(jobs[kind]) == 0 {
			kinds = append(kinds, kind)
		}
		jobs[kind] = append(jobs[kind], job)
	}
	for i, kind := range kinds {
		kinds[i] = kind + " " + strings.Join(jobs[kind], ",")
	}
	return kinds
}
