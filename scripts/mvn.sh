#!/bin/sh
# mvn.sh ARGUMENT…: Maven on the JDK that cairn needs anyway. What that JDK warns of is Maven's own code, not ours.
set -eu
. "$(dirname "$(readlink -f "$0")")/../app/src/main/launcher/find-java.sh"
find_java javac || { echo "mvn.sh: no JDK $java_min or newer in JAVA_HOME, /usr/lib/jvm or PATH (see: make setup)" >&2; exit 1; }
export JAVA_HOME="$java_home"
export MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED ${MAVEN_OPTS:-}"
exec mvn "$@"
