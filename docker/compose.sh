#!/bin/sh
# Runs docker-compose.yml as you: files that the containers write are yours. Takes all that docker-compose takes.
set -eu

cd "$(dirname "$0")/.."
mkdir -p "${ARTEFACTS:-build/artefacts}"
UID_GID="UID=$(id -u) GID=$(id -g)"
if docker compose version > /dev/null 2>&1; then
    exec env $UID_GID docker compose "$@"
fi
exec env $UID_GID docker-compose "$@"
