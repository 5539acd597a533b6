package rbm

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"isingrbm/rbm/internal/kernel"
	"isingrbm/rbm/internal/kernel/testdata/roof"
)

// task is one cell of the benchmarks' grid: an update of CD-k.
type task struct{ visible, hidden, steps, batch int }

func (c task) String() string {
	return fmt.Sprintf("%dx%d/k=%d/B=%d", c.visible, c.hidden, c.steps, c.batch)
}

// tasks are the grid.
func tasks() (all []task) {
	for _, shape := range [][2]int{{64, 64}, {64, 256}, {256, 256}, {1024, 1024}} {
		for _, steps := range []int{1, 10} {
			for _, batch := range []int{100, 500} {
				all = append(all, task{shape[0], shape[1], steps, batch})
			}
		}
	}
	return all
}

// flops is the number of operations of an update with dense matrices: k products in
// each direction, one for the hidden means at either end, of which the first also
// draws, and two outer products.
func (c task) flops() float64 {
	return float64(2*c.steps+3) * 2 * float64(c.batch*c.visible*c.hidden)
}

// trainer trains with a kernel.
func (c task) trainer(b *testing.B, k *kernel.Kernel) *Trainer {
	s := Settings{Algorithm: "cd", Steps: c.steps, Batch: c.batch, Updates: 1 << 30, Rate: 0.05}
	t := newTestTrainer(b, s, c.visible, c.hidden, randomRows(31, 10*c.batch, c.visible))
	t.team.workspaces[0] = kernel.NewWorkspace(k)
	return t
}

// contestants are updates of one task by every kernel and by matrix products.
func (c task) contestants(b *testing.B) (names []string, updates map[string]func()) {
	updates = map[string]func(){}
	for _, k := range kernel.Kernels() {
		t := c.trainer(b, k)
		names = append(names, k.Name())
		updates[k.Name()] = func() {
			if err := t.Update(); err != nil {
				b.Fatal(err)
			}
		}
	}
	dense := newDense(c)
	updates["blas32"] = dense.update
	return append(names, "blas32"), updates
}

// BenchmarkEngine measures updates on one core by the processor's time.
func BenchmarkEngine(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, c := range tasks() {
		names, updates := c.contestants(b)
		for _, name := range names {
			b.Run(c.String()+"/"+name, func(b *testing.B) {
				start := processorTime()
				for b.Loop() {
					updates[name]()
				}
				rate := float64(b.N) / (processorTime() - start).Seconds()
				b.ReportMetric(rate, "updates/s")
				b.ReportMetric(rate*float64(c.steps*c.batch), "chain-steps/s")
				b.ReportMetric(rate*c.flops()/1e9, "GFLOP/s")
			})
		}
	}
}

// BenchmarkRoof measures the fused multiply-adds that one core can make and what it
// can read from its first-level cache.
func BenchmarkRoof(b *testing.B) {
	for _, r := range roof.Roofs() {
		for unit, work := range map[string]func(int) float64{"GFLOP/s": r.FMA, "GB/s": r.Read} {
			b.Run(r.Name+"/"+strings.TrimSuffix(unit, "/s"), func(b *testing.B) {
				done, start := 0.0, processorTime()
				for b.Loop() {
					done += work(1000)
				}
				b.ReportMetric(done/1e9/(processorTime()-start).Seconds(), unit)
			})
		}
	}
}

// BenchmarkRatio lets all take turns of some milliseconds: rates relative to matrix products and, in
// operations of dense matrices, to the fused multiply-adds of each instruction set.
func BenchmarkRatio(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	roofs := roof.Roofs()
	for _, c := range tasks() {
		b.Run(c.String(), func(b *testing.B) {
			names, updates := c.contestants(b)
			rates := map[string]*rate{}
			for _, name := range names {
				rates[name] = &rate{}
			}
			for _, r := range roofs {
				rates["fma-"+r.Name] = &rate{}
			}
			for b.Loop() {
				for _, name := range names {
					rates[name].turn(func() float64 { updates[name](); return c.flops() })
				}
				for _, r := range roofs {
					rates["fma-"+r.Name].turn(func() float64 { return r.FMA(100_000) })
				}
			}
			for _, name := range names[:len(names)-1] {
				b.ReportMetric(rates[name].best/c.flops(), name+"-updates/s")
				b.ReportMetric(rates[name].best/rates["blas32"].best, name+"/blas32")
				for _, r := range roofs {
					b.ReportMetric(rates[name].best/rates["fma-"+r.Name].best, name+"/fma-"+r.Name)
				}
			}
		})
	}
}

// rate is the best of many turns, because what else the machine does only slows.
type rate struct{ best float64 }

// turn works for some milliseconds, at least once, after once to have its data back in
// the caches.
func (r *rate) turn(work func() float64) {
	work()
	done := 0.0
	for start := processorTime(); ; {
		done += work()
		if d := processorTime() - start; d > 5*time.Millisecond {
			r.best = max(r.best, done/d.Seconds())
			return
		}
	}
}

// BenchmarkTwoMachines trains two machines at once after one alone. Speedup 2 is
// ideal, and needs two idle cores; what is kept of the rate by the processor's time
// shows what the machines take from each other, whatever else runs.
func BenchmarkTwoMachines(b *testing.B) {
	c := task{64, 64, 10, 100}
	train := func(machines int) (passed, worked time.Duration) {
		trainers := make([]*Trainer, machines)
		for i := range trainers {
			trainers[i] = c.trainer(b, kernel.Kernels()[0])
		}
		start, processor := time.Now(), processorTime()
		var all sync.WaitGroup
		for _, t := range trainers {
			all.Go(func() {
				for range 1000 {
					if t.Update() != nil {
						panic("diverged")
					}
				}
			})
		}
		all.Wait()
		return time.Since(start), processorTime() - processor
	}
	var passed, worked [2]time.Duration
	for b.Loop() {
		for k := range passed {
			p, w := train(k + 1)
			passed[k] += p
			worked[k] += w
		}
	}
	b.ReportMetric(2*passed[0].Seconds()/passed[1].Seconds(), "speedup")
	b.ReportMetric(200*worked[0].Seconds()/worked[1].Seconds(), "%kept")
}

// dense is a machine trained by matrix products, the way that libraries do it: bits
// are float32 numbers, and gonum multiplies. Weights are kept in both orders, because
// its product with a transposed matrix is the faster one by a third.
type dense struct {
	task
	weights, reverse        blas32.General // visible × hidden, hidden × visible
	visibleBias, hiddenBias []float32
	data                    blas32.General
	v, h                    blas32.General
	start, ends             blas32.General // hidden means
	state                   uint64
	rate                    float32
}

func newDense(c task) *dense {
	matrix := func(rows, columns int) blas32.General {
		return blas32.General{Rows: rows, Cols: columns, Stride: columns, Data: make([]float32, rows*columns)}
	}
	d := &dense{task: c, weights: matrix(c.visible, c.hidden), reverse: matrix(c.hidden, c.visible), visibleBias: make([]float32, c.visible), hiddenBias: make([]float32, c.hidden),
		data: matrix(c.batch, c.visible), v: matrix(c.batch, c.visible), h: matrix(c.batch, c.hidden),
		start: matrix(c.batch, c.hidden), ends: matrix(c.batch, c.hidden), state: 1, rate: 0.05}
	for i := range d.data.Data {
		d.data.Data[i] = float32(d.word() & 1)
	}
	for i := range d.weights.Data {
		d.weights.Data[i] = 0.2 * (float32(d.word()>>8)*0x1p-24 - 0.5)
	}
	d.install()
	return d
}

// word returns 32 random bits (xorshift64*, Vigna 2016), as cheap as they come.
func (d *dense) word() uint32 {
	d.state ^= d.state >> 12
	d.state ^= d.state << 25
	d.state ^= d.state >> 27
	return uint32(d.state * 2685821657736338717 >> 32)
}

// activate sets out to in × the transpose of weights, plus the bias.
func (d *dense) activate(out, in, weights blas32.General, bias []float32) {
	for r := range out.Rows {
		copy(out.Data[r*out.Stride:], bias)
	}
	blas32.Gemm(blas.NoTrans, blas.Trans, 1, in, weights, 1, out)
}

// install copies the weights to their transpose.
func (d *dense) install() {
	for i := range d.weights.Rows {
		for j, w := range d.weights.Data[i*d.weights.Stride:][:d.weights.Cols] {
			d.reverse.Data[j*d.reverse.Stride+i] = w
		}
	}
}

// decide replaces activations by bits and, if asked, keeps the means.
func (d *dense) decide(units blas32.General, means []float32) {
	x := units.Data
	for i, z := range x {
		e := exp2neg(z * math.Log2E)
		u := math.Float32frombits(d.word()>>9|0x3f800000) - (1 - 0x1p-24)
		x[i] = math.Float32frombits(uint32(int32(math.Float32bits(u*e+u-1))>>31) & 0x3f800000)
		if means != nil {
			means[i] = 1 / (1 + e)
		}
	}
}

// exp2neg is 2^(−z) by a polynomial, which takes a scalar as long as the kernel's
// exponential.
func exp2neg(z float32) float32 {
	if math.Float32bits(z)&^(1<<31) > 0x42800000 {
		z = float32(math.Copysign(64, float64(z)))
	}
	t := 3<<22 - z
	g := z + (t - 3<<22)
	p := ((((-11394314.0/(1<<33)*g+10384692.0/(1<<30))*g-14900131.0/(1<<28))*g+16121057.0/(1<<26))*g-11629077.0/(1<<24))*g + 1
	return math.Float32frombits(math.Float32bits(p) + math.Float32bits(t)<<23)
}

func (d *dense) update() {
	d.activate(d.h, d.data, d.reverse, d.hiddenBias)
	d.decide(d.h, d.start.Data)
	for k := range d.steps {
		d.activate(d.v, d.h, d.weights, d.visibleBias)
		d.decide(d.v, nil)
		d.activate(d.h, d.v, d.reverse, d.hiddenBias)
		var means []float32
		if k == d.steps-1 {
			means = d.ends.Data
		}
		d.decide(d.h, means)
	}
	share := d.rate / float32(d.batch)
	blas32.Gemm(blas.Trans, blas.NoTrans, share, d.data, d.start, 1, d.weights)
	blas32.Gemm(blas.Trans, blas.NoTrans, -share, d.v, d.ends, 1, d.weights)
	follow(d.visibleBias, share, d.data, d.v)
	follow(d.hiddenBias, share, d.start, d.ends)
	d.install()
}

// follow adds share × the sums of the columns of plus, less those of minus.
func follow(bias []float32, share float32, plus, minus blas32.General) {
	for r := range plus.Rows {
		p, m := plus.Data[r*plus.Stride:], minus.Data[r*minus.Stride:]
		for i := range bias {
			bias[i] += share * (p[i] - m[i])
		}
	}
}
