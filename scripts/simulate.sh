#!/bin/sh
# simulate.sh SEED STEPS: runs one simulated history of the runtime again and tells it: what was asked, what broke, what the journal says.
set -eu
home=$(dirname "$(readlink -f "$0")")/..
out=$home/core/target/surefire-reports/io.cairn.core.sim.SimulationTest-output.txt
rm -f "$out"
status=0
"$home/scripts/mvn.sh" -q test -f "$home/pom.xml" -pl core -am -Dtest='SimulationTest#inNoHistoryIsAnythingLostDoneTwiceInventedOrLeaked' \
    -Dsurefire.failIfNoSpecifiedTests=false -Dcairn.seed="$1" -Dcairn.steps="$2" >/dev/null 2>&1 || status=$?
[ -f "$out" ] || { echo "simulate: nothing was run; see: scripts/mvn.sh test -pl core -am" >&2; exit 1; }
cat "$out"
exit "$status"
