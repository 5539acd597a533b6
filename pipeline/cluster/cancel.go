package cluster

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"isingrbm/pipeline"
)

// idsAtOnce is how many elements one scancel names.
const idsAtOnce = 200

// Cancel takes a run's tasks out of the queue, or those that work on the cells
// asked for, and returns how many. What they have done is saved; they do not
// queue themselves again.
func Cancel(ctx context.Context, w *pipeline.Workspace, only []string) (tasks int, err error) {
	if err := checkPatterns(w, only); err != nil {
		return 0, err
	}
	submissions, err := submissionsOf(w)
	if err != nil || len(submissions) == 0 {
		return 0, err
	}
	queue, err := slurm{}.queue(ctx)
	if err != nil {
		return 0, err
	}
	var ids []string
	var marks []error
	eachElement(submissions, func(s *Submission, a Array, e Element) {
		entry, in := queue[place{a.Name, e.Index}]
		switch {
		case !in:
		case len(only) == 0:
			tasks++
			if !slices.Contains(ids, entry.Job) {
				ids = append(ids, entry.Job)
				marks = append(marks, os.WriteFile(filepath.Join(s.dir, canceledFile), nil, 0o666))
			}
		case slices.ContainsFunc(e.Cells, func(id string) bool { return matches(only, id) }):
			tasks++
			ids = append(ids, entry.ID())
		}
	})
	err = errors.Join(marks...)
	for part := range slices.Chunk(ids, idsAtOnce) {
		err = errors.Join(err, slurm{}.cancel(ctx, part))
	}
	return tasks, err
}
