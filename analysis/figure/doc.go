// Package figure draws the figures of a run, one function a figure, at the
// quality of a journal.
//
// A Figure is drawn once for each format from the same description:
//
//   - SVG, with text as text in a list of typefaces of equal widths, so that it
//     looks the same where Liberation Sans is not installed; black is the
//     surrounding text color, so that the same file serves a dark page;
//   - PDF, with text as outlines, which need no font and know every letter;
//   - PNG, at 300 dots an inch on white;
//   - CSV, every number behind the figure.
//
// The bytes depend on the data alone: no time, no host, no map order.
//
// Figures are 178 mm wide, two columns of a page, or 86 mm, one, with lettering of
// 7.5 points and more; colors are those of Okabe and Ito, which color-blind readers can tell
// apart, and every series also has a marker of its own shape.
//
// Where not all cells can be shown, those of the largest lattice and of the machine
// with most hidden units are, at a few temperatures on both sides of the transition.
//
// Labels use a small markup: *T* is italic, _{c} a subscript, ^{2} a superscript.
package figure
