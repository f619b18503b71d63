#!/bin/sh
# ready-again.sh: measures for how long a node with 110 pods and 330 containers is without its runtime after SIGKILL. Needs root and a
# build: make ready-again does both.
set -eu
home=$(dirname "$(readlink -f "$0")")/..
. "$home/app/src/main/launcher/find-java.sh"
find_java java || { echo "ready-again: no Java $java_min or newer (see: make setup)" >&2; exit 1; }
[ -x "$home/dist/cairn/bin/cairn" ] && [ -d "$home/demo/target/lib" ] || { echo "ready-again: not built yet (see: make ready-again)" >&2; exit 1; }

# The one that measures stays off the processors: it has nothing that the optimising compiler need see.
exec "$java_home/bin/java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx256m --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -Dcairn.dist="$home/dist/cairn" ${CAIRN_RUNS:+-Dcairn.runs="$CAIRN_RUNS"} -cp "$home/demo/target/lib/*" io.cairn.testkit.ReadyAgain
