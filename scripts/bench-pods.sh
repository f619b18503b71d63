#!/bin/sh
# bench-pods.sh [DRIVER [PODS]]: measures the CRI calls of a pod's life on cairn and on the containerd that is installed, in turn, from
# fresh daemons. Needs root, a build and containerd: make bench-pods builds. Everything it makes is in namespaces of its own and ends with it.
set -eu
home=$(dirname "$(readlink -f "$0")")/..
. "$home/app/src/main/launcher/find-java.sh"
find_java java || { echo "bench-pods: no Java $java_min or newer (see: make setup)" >&2; exit 1; }
[ -x "$home/dist/cairn/bin/cairn" ] && [ -d "$home/bench/target/lib" ] || { echo "bench-pods: not built yet (see: make bench-pods)" >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo "bench-pods: namespaces, mounts and containers need root" >&2; exit 1; }
command -v containerd >/dev/null || { echo "bench-pods: nothing to compare with: apt-get install containerd" >&2; exit 1; }

# A /run of its own: containerd's shims and iptables' lock are in it, and no systemd that either would ask for cgroups.
# shellcheck disable=SC2016 # the inner shell's variables
exec unshare --mount --net --pid --fork --kill-child --mount-proc sh -euc '
    mount -t tmpfs tmpfs /run
    ip link set lo up
    exec "$@"' bench-pods "$java_home/bin/java" -XX:+UseSerialGC -Xmx256m \
    --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -Dlogback.configurationFile=bench-logback.xml -Dio.netty.machineId=02:00:00:00:00:00:00:01 \
    -Dcairn.dist="$home/dist/cairn" -Dcairn.test.driver="${1:-runc}" \
    -cp "$home/bench/target/classes:$home/bench/target/lib/*" io.cairn.bench.pods.PodBenchmark "${2:-40}"
