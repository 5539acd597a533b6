# Every target does its work or fails; none skips.
#
#   make build          the static binary ./isingrbm
#   make test           all tests that need Go alone
#   make kernels        the same bits without assembly and with every vector width
#   make race           the tests under the race detector
#   make robust         every write made to fail, every kind of file damaged, the same bytes every way
#   make bytes          the same bytes every way for the whole quickstart
#   make kill           a hundred kills at random moments, each run then ended byte for byte
#   make fuzz           what reads files and run files, on inputs that nobody wrote
#   make test-cluster   a sweep on a real Slurm, and everything that can go wrong there
#   make interop        the files read by DuckDB, hyparquet, apache-arrow and NumPy, the README's Python, the page in Chromium
#   make stat           the long statistical tests
#   make bench          the benchmarks
#   make study          the study behind the recommended preset, and its tables (four hours of a core)
#   make figures        every figure of runs/paper (hours of a core; one: isingrbm run runs/paper/NAME.toml)
#   make results        what of those that were run is kept in runs/paper/results: the first figure, its numbers, comparison.csv
#   make figures-quick  the quick variant of every run file of runs/paper, to its figures (a minute or two)
#   make golden         rewrite the golden files (say why in the commit)
#   make lint           formatting, vet
#   make clean          remove what these targets made

GO      ?= go
# The race detector slows the statistical tests down most; they run without it.
TIMEOUT ?= 10m
PAPER   := $(filter-out %-quick.toml,$(wildcard runs/paper/*.toml))
# How many inputs each fuzz target tries, not how long: at the end of a time Go before 1.27
# may report its own deadline as a failure (go.dev/issue/75804). A new input is minimized
# for a second at most: a minute, which is the default, leaves no time for others.
FUZZTIME ?= 8000x
FUZZ    := runfile:FuzzParse store:FuzzConfigurations store:FuzzSpins store:FuzzTable store:FuzzMachine store:FuzzCSV store:FuzzDescribe :FuzzCheckpoint
# Every build tag of the tree but noasm, which excludes others.
TAGS    := cluster figures generate interop kill quickstart robust stat study
MEMORY  := $(firstword $(wildcard /dev/shm) $(TMPDIR) /tmp)
INTEROP := pipeline/store/testdata/interop

.PHONY: build test kernels race robust bytes kill fuzz interop test-cluster stat bench study figures results figures-quick golden lint clean

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags='-s -w' -o isingrbm .

test:
	$(GO) vet ./...
	$(GO) test -timeout $(TIMEOUT) ./...

# The same bits from every kernel: the tests of the generator and the machines
# without assembly, with each vector width forced (an error where the processor
# lacks it), and the assembly against its generators.
kernels:
	$(GO) test -tags noasm -count=1 -timeout $(TIMEOUT) ./ising/... ./rbm/...
	ISINGRBM_KERNEL=avx2 $(GO) test -count=1 -timeout $(TIMEOUT) ./rbm/... ./ising
	ISINGRBM_KERNEL=portable $(GO) test -count=1 -timeout $(TIMEOUT) ./rbm ./ising
	$(GO) test -tags generate -count=1 -run Generated ./rbm/internal/kernel

race:
	CGO_ENABLED=1 $(GO) test -race -short -timeout 30m ./...

# Its files lie in memory where there is such a folder: the disk that fails is made by
# the tests, and the syncs of a real one would take most of the time.
robust:
	GOTMPDIR=$${TMPDIR:-/tmp} TMPDIR=$(MEMORY) $(GO) test -tags robust -count=1 -v -timeout 40m -run TestRobust ./pipeline ./pipeline/cli

# The quickstart as it is, with every number of workers, order and kernel.
bytes:
	$(GO) test -tags robust -count=1 -v -timeout 1h -run TestRobustBytes ./pipeline/cli -whole

kill:
	$(GO) test -tags kill -count=1 -v -timeout 30m -run TestKill ./pipeline/cli

fuzz:
	@for target in $(FUZZ); do \
		echo "$(GO) test -fuzz $${target#*:} ./pipeline/$${target%%:*}"; \
		$(GO) test -run '^$$' -fuzz "^$${target#*:}\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s -parallel 1 ./pipeline/$${target%%:*} || exit 1; \
	done

interop:
	npm ci --silent --no-audit --no-fund --prefix $(INTEROP)
	$(GO) test -tags interop -count=1 -run Interop -timeout $(TIMEOUT) ./pipeline/...

# Two nodes are started on this host, and stopped. Needs root, Linux and the
# Debian packages that the tests name where they are missing.
test-cluster:
	$(GO) test -tags cluster -count=1 -timeout 30m ./pipeline/cluster

stat:
	$(GO) test -tags stat -count=1 -timeout 3h -run 'Stat|Coverage' ./...

bench:
	$(GO) test -run '^$$' -bench . -timeout 1h ./...

study: build
	for run in runs/study/*.toml runs/study/variants/*.toml runs/study/tied/*.toml; do ./isingrbm run $$run || [ $$? = 3 ] || exit 1; done
	$(GO) test -tags study -count=1 -v -run Study ./pipeline

figures: build
	for run in $(PAPER); do ./isingrbm run $$run || [ $$? = 3 ] || exit 1; done
	$(GO) test -tags figures -count=1 -run TestFigures ./pipeline

# A run that lacks machines has no rows in comparison.csv, which is then left out.
results:
	mkdir -p runs/paper/results
	for run in $(PAPER); do \
		name=$$(basename $$run .toml); out=runs/paper/$$name.out; to=runs/paper/results/$$name; \
		figure=$$out/figures/$$(sed -n 's/^figures = \["\([a-z-]*\)".*/\1/p' $$run); \
		if [ -f $$out/report.html ]; then \
			cp $$figure.png $$to.png && cp $$figure.csv $$to.csv || exit 1; \
			if [ $$(wc -l < $$out/comparison.csv) -gt 1 ]; then cp $$out/comparison.csv $$to-comparison.csv; fi; \
		fi; \
	done

figures-quick: build
	rm -rf runs/paper/*-quick.out
	for run in $(PAPER); do ./isingrbm run --quick $$run || exit 1; done
	$(GO) test -tags figures -count=1 -run TestQuickFigures ./pipeline

golden:
	$(GO) test -count=1 ./pipeline/runfile ./analysis/figure ./analysis/report ./pipeline/cluster -update

lint:
	@files=$$(gofmt -l .); if [ -n "$$files" ]; then echo "gofmt would change:"; echo "$$files"; exit 1; fi
	$(GO) vet ./...
	$(GO) vet -tags '$(TAGS)' ./...
	$(GO) vet -tags noasm ./...

clean:
	rm -f isingrbm
	rm -rf $(INTEROP)/node_modules runs/*.out runs/paper/*-quick.out runs/paper/*-quick.toml
