#!/bin/sh
# recovery-full.sh DRIVER [LANES]: crashes the runtime at every point of the scenario and again at every point of each recovery from that; says
# what it has run at the end, and on a terminal how far it is. LANES nodes are crashed side by side: many more than processors, since some
# threads of a life that is buried wait for what is dead, and are given seconds for it. What was run and was well is noted in
# target/recovery-full: begun again, of the same code, it goes on there. All of the output is in recovery-tests/target/surefire-reports.
set -eu
cd "$(dirname "$(readlink -f "$0")")/.."
driver=${1:-runc}
lanes=${2:-12}
ledger=$PWD/target/recovery-full
report=recovery-tests/target/surefire-reports/io.cairn.crash.points.CrashPointsTest-output.txt
build=$(git rev-parse HEAD 2>/dev/null || echo unknown)
# What is not committed has no name: nothing is known of it.
[ "$build" != unknown ] && [ -z "$(git status --porcelain)" ] || build="$build and more, $(date +%s)"

rm -f "$ledger/$driver.progress"
scripts/mvn.sh -q verify -pl recovery-tests -am -Dtest=CrashPointsTest#whereverTheRuntimeStopsItComesBackToTheTruth \
    -Dsurefire.failIfNoSpecifiedTests=false -Dcairn.points.pairs=all "-Dcairn.test.driver=$driver" "-Dcairn.points.ledger=$ledger" \
    "-Dcairn.points.build=$build" "-Dcairn.points.lanes=$lanes" -Dtest.compiler=-XX:TieredStopAtLevel=4 &
maven=$!
while [ -t 1 ] && kill -0 "$maven" 2>/dev/null; do
    [ ! -e "$ledger/$driver.progress" ] || printf '\r\033[K%s' "$(cat "$ledger/$driver.progress")"
    sleep 2
done
[ ! -t 1 ] || printf '\r\033[K'
wait "$maven" || { echo "recovery-full: failed; see $ledger/$driver.progress.failures and $report" >&2; exit 1; }
grep -E '^(crash points|pairs of points)' "$report"
