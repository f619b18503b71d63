#!/bin/sh
# mvn.sh ARGUMENT…: Maven on the JDK that cairn needs anyway. What that JDK warns of is Maven's own code, not ours.
set -eu
. "$(dirname "$(readlink -f "$0")")/../app/src/main/launcher/find-java.sh"
find_java javac || { echo "mvn.sh: no JDK $java_min or newer in JAVA_HOME, /usr/lib/jvm or PATH (see: make setup)" >&2; exit 1; }
export JAVA_HOME="$java_home"
# It compiles for a minute or two at a time: the optimising compiler would take more than it gives back.
export MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED -XX:TieredStopAtLevel=1 -XX:+UseSerialGC ${MAVEN_OPTS:-}"
exec mvn "$@"
