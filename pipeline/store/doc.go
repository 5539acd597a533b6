// Package store writes and reads every file of a run: configurations in Parquet
// or Arrow, tables in Parquet, CSV and JSON, machines in NumPy's npz, small
// state in JSON, and the checksums that guard them. It deals in plain slices,
// strings and metadata; what the numbers mean is the business of its callers.
//
// # Complete or absent
//
// Every file is written to a temporary one in the same folder (.NAME.tmp-…),
// flushed to the disk and renamed, and the folder is flushed after it. A file
// under its final name is therefore complete. RemoveTemporaries sweeps up what
// a killed process left behind.
//
// # Configurations
//
// A configurations file holds n rows, one configuration each, in the columns
//
//	chain          INT32                          which Markov chain it is from
//	step           INT64                          its step in that chain
//	energy         INT32 or DOUBLE                total energy
//	magnetization  INT32                          sum of the spins
//	spins          FIXED_LEN_BYTE_ARRAY(⌈N/8⌉)    one bit a site
//
// all REQUIRED, PLAIN encoded, without dictionaries, and without statistics on
// the spins. Site i is bit i mod 8 of byte ⌊i/8⌋, 1 is up, and the bits above
// the last site are zero. In memory the same row is ⌈N/64⌉ words of 64 bits,
// site i being bit i mod 64 of word ⌊i/64⌋: the bytes on disk are those words in
// little-endian order, cut to length. Row groups hold 65536 rows or 8 MiB of
// spins, whichever is less, and writer and reader need memory for one of them,
// not for the file.
//
// In an Arrow file (IPC file format, version 5) the columns have the same names and
// types, but spins are FixedSizeList<bool>[N]: N bits a row, the rows following each other without
// gaps within a record batch, whose rows are those of a row group. Where N is a
// multiple of 8 these are the bytes of the Parquet file. Uncompressed they can be mapped into memory and used as
// they are. Schema and metadata stand in the footer, where readers of files take them
// from; the copy of the schema at the beginning has no metadata.
//
// # Brought spins
//
// A SpinsReader gives the spins of any writer in the same way: of configurations
// files, of list columns of Parquet (truth values or numbers, any codec that the library
// knows) and of arrays in npz archives. A Parquet file of another program has no checksums
// that the library knows; its lengths and values are checked, and nothing else can be.
//
// # Tables
//
// A Table has columns of integers (INT64), floats (DOUBLE) and strings
// (BYTE_ARRAY, UTF-8). A float that does not exist is NaN in memory, NULL in
// Parquet, an empty field in CSV and null in JSON; infinities are kept, as inf
// and -inf in CSV and as the strings "inf" and "-inf" in JSON. Floats are
// printed in the shortest form that reads back the same.
//
// # Machines
//
// A machine is an npz archive of W (float32, n_v × n_h, C order), b (n_v), c
// (n_h) and metadata (uint8, a JSON object in UTF-8), stored uncompressed.
//
// # Arrays for other programs
//
// WriteArchive and WriteArray write any arrays as npz and npy, version 1.0, piece by
// piece: ConfigurationArrays unpacks the spins of a file to one int8 each, in constant
// memory. ReadFloats reads what NumPy saved.
//
// # Metadata and integrity
//
// Files in Parquet, Arrow and npz carry the caller's key-value pairs in their order,
// and pairs of this package's own, whose keys start with "isingrbm.": format
// and format_version, which a reader checks before anything else, sites, and
// crc32c, the CRC-32C of schema and metadata and of the bytes of each row group (Parquet's
// page checksums being unknown to the library, and npz having the CRC-32 of the
// archive). Arrow files, whose batches have checksums too, have in addition rows, compression, the spans of
// the batches in bytes, and seal, a checksum of the footer. A reader decodes nothing that does not match: damage gives an error,
// not wrong numbers, and the *FileError names the file, what is wrong with it and
// what to do. The checksums.json of a folder guards whole files with SHA-256.
//
// The bytes of a file depend on nothing but its contents: not on how the rows
// were split into batches, on time, host or order of maps.
//
// References: Apache Parquet format 2 (parquet.apache.org), Arrow columnar format 1 (arrow.apache.org), NumPy enhancement
// proposal 1 for npy and npz, RFC 4180 for CSV.
package store
