#!/bin/sh
# aot.sh DIST CLASSPATH: has a cairn daemon live through the days of some pods, in namespaces and a temporary directory of its own, on each
# driver whose backend is installed, and keeps the classes it loaded and what it learnt of its methods as DIST/lib/cairn.aot (JEP 514, JEP
# 515). That halves the time to start, saves memory, and the first pods find a warm program. The cache is for the build of Java that made
# it: its release file is kept beside it, and the launcher compares. CLASSPATH has the rehearsal in it (testkit).
set -eu
dist=$(readlink -f "$1")
class_path=$2
pods=50
cache=$dist/lib/cairn.aot
. "$dist/lib/find-java.sh"
find_java java || { echo "aot: no Java $java_min or newer" >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo "aot: the rehearsal makes namespaces, mounts and containers, for which it needs root" >&2; exit 1; }

# The same jars, the same Java and the same backends lead to the same cache. Java goes by the jars' times, which every build sets anew.
touch -d 2026-11-22T00:00:00Z "$dist"/lib/*.jar
inputs=$( (cat "$java_home/release" "$dist"/lib/*.jar "$dist/bin/cairn"; command -v containerd dockerd || true) | sha256sum)
if [ -s "$cache" ] && [ "$inputs" = "$(cat "$cache.inputs" 2>/dev/null)" ]; then
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work" "$cache.new"' EXIT
trap 'exit 1' HUP INT TERM
rm -f "$cache" "$cache.release" "$cache.inputs"
# What the quick compiler learns goes into the cache, no more: with full profiles the JVM would let the optimising one loose on them at the
# very start, when a node needs its processors most (docs/decisions/0054).
quick=-XX:TieredStopAtLevel=1
# shellcheck disable=SC2016 # the inner shell's variables
CAIRN_JAVA_OPTS="$quick -XX:AOTMode=record -XX:AOTConfiguration=$work/learnt" unshare --mount --net --pid --fork --kill-child --mount-proc sh -euc '
    mount -t tmpfs tmpfs /run
    ip link set lo up
    exec "$@"' aot "$java_home/bin/java" -XX:+UseSerialGC -Xmx256m -XX:TieredStopAtLevel=1 \
    --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -Dio.netty.machineId=02:00:00:00:00:00:00:01 -Djava.io.tmpdir="$work" -Dcairn.dist="$dist" \
    -cp "$class_path" io.cairn.testkit.Rehearsal "$pods" >"$work/log" 2>&1 || {
    echo "aot: the rehearsal failed:" >&2
    cat "$work/log" >&2
    exit 1
}
# With the launcher's options, under which the cache will be used.
CAIRN_JAVA_OPTS="$quick -XX:AOTMode=create -XX:AOTConfiguration=$work/learnt -XX:AOTCache=$cache.new" "$dist/bin/cairn" version >>"$work/log" 2>&1 || rm -f "$cache.new"
[ -s "$cache.new" ] || { echo "aot: Java made no cache:" >&2; cat "$work/log" >&2; exit 1; }
cp "$java_home/release" "$cache.release"
mv "$cache.new" "$cache"
echo "$inputs" > "$cache.inputs"
