// Package runfile reads and validates run files: the TOML files that say what
// a run consists of.
//
// # Contract
//
// A run file is TOML. Every key stands in one table, returned by
// [Keys], with its type, unit, range, default and meaning; the table feeds the
// defaults, the validation, the hints and the file written by [Template].
// A file is either accepted as a whole, with every value resolved, or refused
// with every problem it has: each with its line and column, the line itself, a
// caret under the spot, the offending value and a hint. A file that is not
// TOML at all is refused with its first syntax error alone.
//
// Strict means: names match exactly, capitals included; an unknown key or
// section is a problem, never ignored; a number is not taken for a text nor a
// text for a number; an integer is not written as 1e5; nan is never a value,
// and inf only for a temperature; and what cannot be simulated is refused here,
// before the first spin flips.
//
// # Temperatures
//
// Temperatures T are given in units of energy/k_B, so of J/k_B where J = 1, as { from, to, count }, equally
// spaced with both ends included, or as a list of numbers, "Tc" and "inf";
// 0 stands for the ground states. Numbers are rounded to 12 significant
// digits, so that 1.0 + 3·0.127 and 1.381 are one temperature. "Tc" is the
// critical temperature of the infinite lattice in zero field times |J|, not
// rounded. A temperature's key, %.6f or "inf", names folders and random
// streams; two temperatures with one key are refused. Lists are sorted.
//
// # Presets and resolution
//
// [training] starts from a preset and may override each of its settings.
// What a preset sets but the model rules out is turned off: symmetry and flips
// in a field, translations on an open lattice. What the file itself sets and
// the model rules out is refused. The resolved run as a flat list of keys and
// values, [Run.Keys], is what two runs are compared by.
//
// # Profiles
//
// [slurm] says how a batch system carries the run out and changes no result;
// it is no part of what runs are compared by. What it leaves out may come from
// a [Profile], a file with that section alone, before it comes from the
// defaults.
package runfile
