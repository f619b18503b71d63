#!/bin/sh
# demo.sh: shows a pod, a crash, the recovery and the history on this machine. Needs root and a build: make demo does both.
set -eu
home=$(dirname "$(readlink -f "$0")")/..
. "$home/app/src/main/launcher/find-java.sh"
find_java java || { echo "demo: no Java $java_min or newer (see: make setup)" >&2; exit 1; }
[ -x "$home/dist/cairn/bin/cairn" ] && [ -d "$home/demo/target/lib" ] || { echo "demo: not built yet (see: make demo)" >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo "demo: namespaces, mounts and containers need root" >&2; exit 1; }

# Becomes the JVM, so that Ctrl-C and the exit code are the demonstration's own.
exec "$java_home/bin/java" -XX:+UseSerialGC -Xmx256m -XX:TieredStopAtLevel=1 \
    --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -Dcairn.dist="$home/dist/cairn" -cp "$home/demo/target/classes:$home/demo/target/lib/*" io.cairn.demo.Demo
