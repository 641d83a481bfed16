#!/bin/sh
# Installs Debian packages in an image, from DEBIAN_MIRROR if that is given.
set -eu

if [ -n "${DEBIAN_MIRROR:-}" ]; then
    . /etc/os-release
    rm -f /etc/apt/sources.list.d/debian.sources
    echo "deb $DEBIAN_MIRROR $VERSION_CODENAME main" > /etc/apt/sources.list
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q install -y --no-install-recommends "$@"
rm -rf /var/lib/apt/lists/*
