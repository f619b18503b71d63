# Everything a developer runs. Needs root: the tests make namespaces, mounts and containers.
.PHONY: help setup build test demo run clean

help:
	@echo 'make setup   install what is missing from Debian packages'
	@echo 'make build   build dist/cairn'
	@echo 'make test    setup, build and run every test'
	@echo 'make demo    setup, build and show a pod, a crash, the recovery and the history'
	@echo 'make run     setup, build and start the daemon'
	@echo 'make clean   remove what was built'

setup:
	@scripts/setup.sh

build: setup
	@scripts/mvn.sh -q package -DskipTests
	@scripts/aot.sh dist/cairn

test: setup
	@scripts/test.sh

demo: build
	@scripts/demo.sh

run: build
	@dist/cairn/bin/cairn serve

clean:
	@scripts/mvn.sh -q clean
