package pipeline

import (
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"sync"
)

// cellsDir is the folder of all cells in a run directory.
const cellsDir = "cells"

// crowd is how many cells lie side by side in a folder at most: folders of more
// than some hundred entries are slow on shared disks.
const crowd = 250

// groups is how many folders a crowd is shared out to. With those that lay there
// before it became one, no folder has more than 300 entries up to some 7 000
// temperatures of a size.
const groups = 32

// folders says where the cells of a run lie. The id of a cell is its folder
// under cells/, but where a size has more than a crowd of temperatures, or a data
// cell of machines: these are shared out by a hash of their names, as in
// cells/L008/group-07/T2.269185. A cell that has a folder keeps it when the run
// file grows or shrinks.
type folders struct {
	out     string         // the run directory
	crowd   int            // cells side by side that are too many
	entries map[string]int // cells that the plan puts side by side, by what their ids begin with

	mu    sync.Mutex
	known map[Cell]string
}

func newFolders(out string, plan *Plan) *folders {
	f := &folders{out: out, crowd: crowd, entries: make(map[string]int), known: make(map[Cell]string)}
	for _, cell := range plan.AllCells() {
		f.entries[filepath.Dir(cell.ID())]++
	}
	return f
}

// of returns the folder of a cell, which need not exist.
func (f *folders) of(cell Cell) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.find(cell)
}

func (f *folders) find(cell Cell) string {
	if path, ok := f.known[cell]; ok {
		return path
	}
	above, name := filepath.Split(filepath.FromSlash(cell.ID()))
	parent := filepath.Join(f.out, cellsDir, above)
	if cell.IsMachine() {
		parent = f.find(cell.Data())
	}
	place, other := filepath.Join(parent, name), filepath.Join(parent, group(name), name)
	if f.entries[filepath.Clean(above)] > f.crowd {
		place, other = other, place
	}
	if !exists(place) && exists(other) {
		place = other
	}
	f.known[cell] = place
	return place
}

// group names the folder that takes a cell out of a crowd.
func group(name string) string {
	hash := fnv.New32a()
	hash.Write([]byte(name))
	return fmt.Sprintf("group-%02d", hash.Sum32()%groups)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
