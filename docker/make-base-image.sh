#!/bin/sh
# Makes the base images where no image registry can be reached. Needs root, debootstrap and a Docker engine.
#   trapline-base   what debian:bookworm-slim is elsewhere
#   trapline-node   the same with the Node and npm of this machine, what node:20-bookworm-slim is elsewhere;
#                   it trusts the certificate authorities that this machine trusts, an intercepting proxy's among them
# DEBIAN_MIRROR says where the packages come from; else the mirror is the one that apt has on this machine.
set -eu

suite=${DEBIAN_SUITE:-bookworm}
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT INT TERM

# The first place that has the suite, in either format of sources.list(5).
mirror_of_apt() {
    cat /etc/apt/sources.list 2>/dev/null |
        sed -n "s/^deb  *\(\[[^]]*\]  *\)\{0,1\}\([^ ]*\)  *$suite  *main.*/\2/p"
    cat /etc/apt/sources.list.d/*.sources 2>/dev/null |
        awk -v RS= -v suite="$suite" '$0 ~ "Suites:[^\n]* ?" suite "( |\n)" && match($0, /URIs: *[^ \n]+/) {
            print substr($0, RSTART + 5, RLENGTH - 5) }' | tr -d ' '
}

mirror=${DEBIAN_MIRROR:-$(mirror_of_apt | head -n 1)}
if [ -z "$mirror" ]; then
    echo "make-base-image: apt knows no mirror of $suite here; set DEBIAN_MIRROR to one" >&2
    exit 1
fi

authorities=/etc/ssl/certs/ca-certificates.crt

import() {
    image=$1
    shift
    tar -C "$root" -c . | docker import -c 'CMD ["bash"]' "$@" - "$image"
}

debootstrap --variant=minbase "$suite" "$root" "$mirror"
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
import trapline-base

mkdir -p "$root/usr/local/lib/node_modules"
cp "$(readlink -f "$(command -v node)")" "$root/usr/local/bin/node"
cp -R "$(npm root --global)/npm" "$root/usr/local/lib/node_modules/"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"
mkdir -p "$root/etc/ssl/certs"
cp "$authorities" "$root$authorities"
# Debian's ca-certificates, which many packages bring, makes that list anew.
kept=/etc/ssl/machine-certificates.crt
cp "$authorities" "$root$kept"
import trapline-node -c "ENV NODE_EXTRA_CA_CERTS=$kept"
