// Package cluster hands the cells of a run to a batch system. The distributed
// engine is the site's own: Slurm, or by scripts for the user to hand in Grid
// Engine, PBS or LSF. Nothing has to stay alive on the login node.
//
// # Arrays
//
// A task is one element of a job array and works on one cell or on a bundle of
// short ones. Generation is an array over the data cells; training and sampling
// are arrays over the machine cells, each element tied to the element of the
// generation that draws its data (aftercorr), so that a machine trains as soon
// as its own data is there. Machines of which each starts from that of the next
// higher temperature are one task, as only one of them can train at a time. A
// collector waits for all of them to end, however
// they end, and makes the tables, figures and page of what is done.
//
// # What is on disk
//
//	NAME.out/cluster/program-HASH              the program, as it was at submit
//	NAME.out/cluster/001/NAME.toml             the run file, as it was at submit
//	NAME.out/cluster/001/submission.json       which element of which array does which cells
//	NAME.out/cluster/001/train.1.sh            the script of an array
//	NAME.out/cluster/001/train.1/7.log         what element 7 printed
//	NAME.out/cluster/001/train.1/requeues/7    how often it queued itself again, and why
//
// The record is complete before the first script is handed in, and names every
// array by a job name that no other run has. The queue is joined with it by
// that name: a submission that broke off anywhere, or whose answer was lost, is
// found again, and nothing is ever submitted twice. What is done is said by the
// cells' own folders alone; what the queue does not know is never taken for
// failed.
//
// # In a job
//
// Workers and memory follow the allocation. Some time before the job's end, or
// at SIGUSR1, the cells save their work and the very element is queued again;
// it is stopped, and its cells are marked as failed, if it has made no progress
// since the last time, or has been queued too often. After SIGTERM the work is
// saved and nothing queued: the job was canceled, or Slurm itself starts it
// again. Two copies of one element, which a node that was given up but lives
// makes possible, are kept apart by the locks of the cells.
package cluster
