#!/bin/sh
# bench-pods.sh [DRIVER [PODS]]: measures the CRI calls of a pod's life in turn on cairn and on the runtime that is installed for what cairn's
# driver uses: containerd, and for docker cri-dockerd on the same engine. Both from fresh daemons. Needs root, a build and that runtime: make
# bench-pods builds. Everything it makes is in namespaces of its own and ends with it.
set -eu
home=$(dirname "$(readlink -f "$0")")/..
. "$home/app/src/main/launcher/find-java.sh"
find_java java || { echo "bench-pods: no Java $java_min or newer (see: make setup)" >&2; exit 1; }
[ -x "$home/dist/cairn/bin/cairn" ] && [ -d "$home/bench/target/lib" ] || { echo "bench-pods: not built yet (see: make bench-pods)" >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo "bench-pods: namespaces, mounts and containers need root" >&2; exit 1; }
case "${1:-runc}" in
docker) rival=cri-dockerd get='there is no package of Debian; put its program into the PATH' ;;
*) rival=containerd get='apt-get install containerd' ;;
esac
command -v "$rival" >/dev/null || { echo "bench-pods: nothing to compare with, $rival is not installed: $get" >&2; exit 1; }

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
