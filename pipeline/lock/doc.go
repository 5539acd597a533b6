// Package lock lets processes on one or many machines agree who works in a
// folder, by nothing but files in it: no server, and none of the locking calls
// (flock, fcntl) that shared file systems honor only sometimes.
//
// # The lock
//
// The lock of FOLDER is the folder FOLDER/lock with one folder in it, which is
// named by the tenure: a random name, another one each time a lock is taken.
// The tenure's folder holds holder.json, who holds the lock and a heartbeat,
// and the files that the holder prepares. The lock is made under another name
// and renamed into its place, so it appears whole, and only where there is none:
// a folder can be renamed onto an empty one, but not onto one that is not.
//
// # The fence
//
// Nothing is written into FOLDER itself but by [Lock.Publish], which renames a
// finished file out of the tenure's folder. Taking a lock over begins by moving
// the folder of the old tenure away, by its name, and removing it. A holder that
// was given up, and then goes on after all, finds no folder of its tenure any
// more: each of its writes and publications fails with [ErrLost], whenever it
// comes and whatever the holder believed to know. The tenure is an epoch of the
// folder, and the file system does the comparing.
//
// # Given up
//
// The holder renews its heartbeat every few seconds. Its lock is taken over
//
//   - at once, if it ran on this machine and its process is gone;
//   - at once, if it was an earlier start of the batch job that this process
//     is: the batch system has given it up, on whatever machine;
//   - otherwise once its heartbeat was seen unchanged for [Patience], on the
//     clock of the one who waits: clocks of different machines are never
//     compared, and time that nobody waited does not count.
//
// Being given up wrongly costs a holder its work since it last published, and
// nothing else.
package lock
