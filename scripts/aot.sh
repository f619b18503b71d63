#!/bin/sh
# aot.sh DIST: runs cairn once and keeps the classes it loaded and linked as DIST/lib/cairn.aot (JEP 514), which halves the time
# to start. The cache is for the build of Java that made it: its release file is kept beside it, and the launcher compares.
set -eu
dist=$(readlink -f "$1")
cache=$dist/lib/cairn.aot
. "$dist/lib/find-java.sh"
find_java java || { echo "aot: no Java $java_min or newer" >&2; exit 1; }

log=$(mktemp)
trap 'rm -f "$log" "$cache.new"' EXIT
trap 'exit 1' HUP INT TERM
rm -f "$cache" "$cache.release"
CAIRN_JAVA_OPTS="-XX:AOTCacheOutput=$cache.new" "$dist/bin/cairn" config show >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
[ -s "$cache.new" ] || { echo "aot: Java made no cache:" >&2; cat "$log" >&2; exit 1; }
cp "$java_home/release" "$cache.release"
mv "$cache.new" "$cache"
