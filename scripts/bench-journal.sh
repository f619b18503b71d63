#!/bin/sh
# bench-journal.sh [DIRECTORY]: measures the journal on the disk that holds DIRECTORY (default: that of the temporary files), with
# nothing else running. Takes some minutes and 2 GiB of that disk. Needs a build: make bench-journal builds.
set -eu
home=$(dirname "$(readlink -f "$0")")/..
. "$home/app/src/main/launcher/find-java.sh"
find_java java || { echo "bench-journal: no Java $java_min or newer (see: make setup)" >&2; exit 1; }
[ -d "$home/bench/target/lib" ] || { echo "bench-journal: not built yet (see: make bench-journal)" >&2; exit 1; }
access=$(sed -n 's/.*<jvm.access>\(.*\)<\/jvm.access>.*/\1/p' "$home/pom.xml")
# Heap and collector are the daemon's, and the compilers.
# shellcheck disable=SC2086 # the options are words
exec "$java_home/bin/java" $access -XX:+UseSerialGC -Xms16m -Xmx256m -XX:+UseCompactObjectHeaders \
    -Dcairn.bench.dir="${1:-${TMPDIR:-/tmp}}" -Dlogback.configurationFile="$home/bench/target/classes/bench-logback.xml" \
    -cp "$home/bench/target/classes:$home/bench/target/lib/*" io.cairn.bench.journal.JournalBenchmark
