#!/bin/sh
# Installs what building and testing cairn needs from Debian's packages, and nothing that is there already. Says one line
# when it installs something, nothing otherwise. Starts no service.
set -eu

say() { echo "setup: $*"; }
fail() { echo "setup: $*" >&2; exit 1; }

here=$(dirname "$(readlink -f "$0")")
. "$here/../app/src/main/launcher/find-java.sh"

packages='make maven
    runc conmon containernetworking-plugins iptables iproute2
    busybox-static docker-registry containerd docker.io
    e2fsprogs xfsprogs mount util-linux procps strace'

on_debian_13() (
    . /etc/os-release
    [ "${ID:-}" = debian ] && [ "${VERSION_ID:-}" = 13 ]
)

# Prints those of the packages given that are not installed.
missing() {
    for package; do
        case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
            *' ok installed') ;;
            *) printf ' %s' "$package" ;;
        esac
    done
}

if ! command -v apt-get >/dev/null; then
    find_java javac || fail "no JDK $java_min or newer in JAVA_HOME, /usr/lib/jvm or PATH"
    command -v mvn >/dev/null || fail "no apt-get on this machine; install what it calls:" $packages
    exit 0
fi

# shellcheck disable=SC2086 # one word a package
wanted=$(missing $packages)
if ! find_java javac; then
    on_debian_13 || fail "no JDK $java_min or newer in JAVA_HOME, /usr/lib/jvm or PATH; Debian 13 has it: apt-get install $java_package"
    wanted="$wanted $java_package"
fi
[ -n "$wanted" ] || exit 0
[ "$(id -u)" = 0 ] || fail "missing:$wanted; run as root to install, or: apt-get install$wanted"

# Nothing may start a service: Debian asks this file (invoke-rc.d(8)), and 101 means no. What stood there comes back; if it
# stands aside still, or is our own, then an earlier run was killed.
policy=/usr/sbin/policy-rc.d
aside=$policy.before-cairn
log=$(mktemp)
restore() {
    rm -f "$policy" "$log"
    if [ -e "$aside" ] || [ -L "$aside" ]; then
        mv "$aside" "$policy"
    fi
}
trap restore EXIT
trap 'exit 1' HUP INT TERM
if { [ -e "$policy" ] || [ -L "$policy" ]; } && ! grep -q "^# cairn's setup" "$policy" 2>/dev/null; then
    mv "$policy" "$aside"
fi
printf '%s\n' '#!/bin/sh' "# cairn's setup" 'exit 101' > "$policy"
chmod 755 "$policy"

say "installing:$wanted"
apt() {
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 "$@" >"$log" 2>&1 </dev/null
}
# The lists of a fresh machine are empty, those of an old one name packages that are gone.
# shellcheck disable=SC2086
apt install -y --no-install-recommends $wanted || { apt update && apt install -y --no-install-recommends $wanted; } || {
    cat "$log" >&2
    fail "apt-get could not install:$wanted"
}
