# Sourced by the launcher and by scripts/setup.sh: finds a Java that is new enough. POSIX sh; runs no Java unless a home has no
# release file, so that it costs nothing.

java_min=25
java_package=openjdk-25-jdk-headless

# java_major HOME: prints the major version of the Java there, nothing if there is none.
java_major() {
    [ -x "$1/bin/java" ] || return 0
    if [ -r "$1/release" ]; then
        sed -n 's/^JAVA_VERSION="\([0-9]\{1,9\}\).*/\1/p' "$1/release"
    else
        "$1/bin/java" -version 2>&1 | sed -n 's/^[a-z]* version "\([0-9]\{1,9\}\).*/\1/p'
    fi
}

# find_java TOOL: sets java_home to a home of at least $java_min that has bin/TOOL; fails if there is none.
find_java() {
    java_on_path=$(command -v java) && java_on_path=$(readlink -f "$java_on_path") || java_on_path=
    for java_home in "${JAVA_HOME:-}" /usr/lib/jvm/*25* "${java_on_path%/bin/java}"; do
        [ -n "$java_home" ] && [ -x "$java_home/bin/$1" ] || continue
        java_found=$(java_major "$java_home" | head -n 1)
        [ "${java_found:-0}" -ge "$java_min" ] && return 0
    done
    java_home=
    return 1
}
