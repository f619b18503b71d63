#!/usr/bin/env bash
# test.sh: builds, runs every test of every module, and says it shortly.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/.." || exit 1
mkdir -p target
scripts/mvn.sh verify 2>&1 | tee target/make-test.log | awk -f scripts/short.awk
status=${PIPESTATUS[0]}
# What tests of many cases say of themselves; seeds are in the same files.
sed -n '/ seed /!s/^[0-9:.]* INFO  \([A-Za-z]*Test - .*\)$/cases \1/p' journal/target/surefire-reports/*-output.txt 2>/dev/null
[ "$status" = 0 ] || echo "make test: failed; all of Maven's output is in target/make-test.log" >&2
exit "$status"
