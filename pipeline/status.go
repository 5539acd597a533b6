package pipeline

// CellStatus is how far a cell is.
type CellStatus struct {
	Cell    Cell
	Stage   Stage   // the first stage that is not done, or the last
	Status  Status  // of that stage
	Done    int64   // units of work completed in it
	Total   int64   // units of work in it
	Seconds float64 // of work so far, all stages of the cell together
	Error   string  // of a failed stage
	Changes []Change
}

// Status looks up every cell of the plan: the data cells and the machine
// cells, in the order of the plan.
func (w *Workspace) Status() ([]CellStatus, error) {
	list, err := w.statuses()
	if err != nil {
		return nil, err
	}
	var cells []CellStatus
	for _, s := range list {
		if len(cells) == 0 || cells[len(cells)-1].Cell != s.Cell { // in the order of Plan.AllCells
			cells = append(cells, CellStatus{Cell: s.Cell, Status: Done})
		}
		cells[len(cells)-1].add(s, taskUnits(w.Run, s.Task))
	}
	return cells, nil
}

// add takes the next stage of the cell into account.
func (c *CellStatus) add(s taskStatus, units int64) {
	if s.record != nil {
		c.Seconds += s.record.Seconds
	}
	if c.Status != Done {
		return // an earlier stage is the one to report
	}
	c.Stage, c.Status, c.Total, c.Changes = s.Stage, s.Status, units, s.Changes
	c.Done, c.Error = 0, ""
	switch {
	case s.Status == Done:
		c.Done = units
	case s.record != nil && s.Status != Missing:
		c.Done, c.Error = s.record.Done, s.record.Error
	}
}
