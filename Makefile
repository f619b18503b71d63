# Everything a developer runs. Needs root: the tests make namespaces, mounts and containers.
.PHONY: help setup build test simulate recovery-full ready-again demo run bench-pods bench-journal clean

help:
	@echo 'make setup   install what is missing from Debian packages'
	@echo 'make build   build dist/cairn'
	@echo 'make test    setup, build and run every test'
	@echo 'make simulate SEED=… STEPS=…   setup, and run one simulated history again, told in words'
	@echo 'make ready-again   setup, build and measure how soon a full node has its runtime back'
	@echo 'make recovery-full DRIVER=…   setup, build and crash at every pair of points (an hour or two; goes on where it was; runc, containerd or docker)'
	@echo 'make demo    setup, build and show a pod, a crash, the recovery and the history'
	@echo 'make run     setup, build and start the daemon'
	@echo 'make bench-pods DRIVER=…   setup, build and measure a pod beside containerd (DRIVER=docker: beside cri-dockerd)'
	@echo 'make bench-journal   setup, build and measure the journal: sync, group commit, replay, opening'
	@echo 'make clean   remove what was built'

setup:
	@scripts/setup.sh

build: setup
	@scripts/mvn.sh -q package -DskipTests

test: setup
	@scripts/test.sh

SEED = 1
STEPS = 40
simulate: setup
	@scripts/simulate.sh $(SEED) $(STEPS)

ready-again: build
	@scripts/ready-again.sh

DRIVER = runc
recovery-full: setup
	@scripts/recovery-full.sh $(DRIVER)

demo: build
	@scripts/demo.sh

run: build
	@dist/cairn/bin/cairn serve

bench-pods: build
	@scripts/bench-pods.sh $(DRIVER)

bench-journal: build
	@scripts/bench-journal.sh

clean:
	@scripts/mvn.sh -q clean
