// Package report writes the page of a run: one HTML file that answers whether
// the machines reproduce the physics, where they fail, and why one may trust the
// errors.
//
// The file is complete in itself: figures are inline and nothing is fetched, so
// that it can be read from a memory stick or an archive in twenty years; a content
// security policy in the file itself forbids any request, and any script but the
// one that sorts tables, which it knows by its hash. Links lead to the files beside it, and to the DOIs of the works to
// cite. It follows the reader's light or dark scheme, folds its table into cards
// on a phone, and prints.
//
// All text is escaped. The same Page gives the same bytes.
package report
