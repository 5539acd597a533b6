// Package pipeline turns a run file into a run directory: it plans the cells
// of a sweep, carries every cell through its stages, and keeps what was done.
//
// # Flow
//
//	run file ─► plan ─► generate ─► train ─► sample ─► analyse ─► report
//
// A data cell is one (L, T): Monte Carlo configurations for training and a
// held-out validation set. A machine cell is one (L, T, n_h, replica): a
// trained machine and the configurations drawn from it. The plan is a graph:
// a task names the tasks whose files it reads. With [training] warm_start a
// machine starts from that of the next higher finite temperature, so a sweep is
// trained from hot to cold, and different sizes, n_h and replicas side by side;
// a temperature added in between changes the colder machines, and is refused
// once they are done. Analysis and report look at
// the whole run directory and use whatever cells are done.
//
// With [training] pool there is one machine cell (L, n_h, replica) for all temperatures,
// pool/hNNNN_rNN, whose training reads the data of all of them (see pool.go). It belongs to
// no temperature, so it is not sampled and compared. With [flow] every machine cell has a
// last stage, flow, which reconstructs configurations again and again (see flow.go).
//
// A run file with [data] brings its configurations: generate then copies them
// from files of any writer (see brought.go), whose checksums are among the
// inputs of the stage, and everything behind it is the same.
//
// # Run directory
//
// NAME.toml writes NAME.out/ beside itself:
//
//	run.toml manifest.json environment.json references.bib log.txt
//	cells/L008/T2.269185/{configurations,validation}.parquet
//	cells/L008/T2.269185/h0064_r00/{model.npz,training.parquet,samples.parquet,sampling.json,likelihood.json}
//	cells/L008/pool/h0064_r00/{model.npz,training.parquet,flow.parquet}
//	results.parquet results.csv comparison.csv couplings.csv likelihood.csv details.csv correlations.csv flow.csv
//	figures/*.{svg,png,pdf,csv}
//	report.html
//
// What was handed to a batch system lies in cluster/; see that package.
//
// Every cell folder holds its state.json, checksums.json and log.txt, and where
// a stage was interrupted a checkpoint and the parts of files that it names. A
// file is complete or absent. Where more than 250 cells would lie side by side
// they are shared out to folders between: cells/L008/group-07/T2.269185 (see
// folders.go).
// Configurations, validation and samples end in .arrow where the run file says
// format = "arrow"; their contents are the same.
//
// # Resume
//
// state.json records, for every stage that was completed, the settings it
// depended on; a checksum guards it, and a cell whose state is damaged is computed
// again. A stage is done when that record matches the run file and its files are
// there with the recorded sizes; a stage whose files are needed by another is
// verified by SHA-256 when it is read. A run file that no longer matches a finished
// stage is refused by naming the keys that changed ([ChangedError]): nothing is
// overwritten and nothing is silently reused.
//
// A checkpoint is one file that holds everything that a bit-identical continuation
// needs; it is written at an interruption and every [Options].CheckpointEvery. More
// configurations extend what is there ([ChangedError] says what else can be kept).
//
// A stage that failed is recorded with its error and not tried again unless
// asked ([Options].RetryFailed) or its settings change.
//
// # Many processes
//
// Any number of processes, on one machine or on several that share the folder,
// may work on one run directory. Each task is done under the lock of its cell
// (package lock): a job reads its cell's folder, prepares files on the desk that
// its lock gives it, and publishes them by renaming: the stage's files, then
// checksums.json, then state.json, which says that the stage is done. A task
// whose cell is locked by another process is tried again until it is settled.
// Tables, figures, page, manifest and the copy of the run file are written under
// the lock of the run directory, by whoever comes to it first.
//
// # Memory
//
// What a worker needs is bounded by the run file, not by how many configurations there
// are. Files of configurations are written and read in row groups, and measured row by
// row. Trainings and likelihoods want all spins at hand: up to 32 MB of a file they are
// held, a bit each, and beyond that they lie in a file without a name beside the cell's
// lock, or on the node's own disk, that is mapped into memory and takes what the system
// can spare. What remains in proportion to the configurations is four bytes each, for
// the order in which a training takes them, and sixteen for each that is held out.
// `isingrbm check` counts all of it.
//
// # Determinism
//
// Every random stream is keyed by a hash of the seed and of what the stream
// is for (see stream.go), never by a position in a list. For one seed and one
// program all files under cells/ (states and logs excepted), the tables and
// the figures are the same bytes for any number of workers, any order of the
// cells and any interruptions.
package pipeline
