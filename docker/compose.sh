#!/bin/sh
# Runs docker-compose.yml as you: files that the containers write are yours. Takes all that docker-compose takes.
set -eu

cd "$(dirname "$0")/.."
mkdir -p "${ARTEFACTS:-build/artefacts}"
compose=docker-compose
if docker compose version > /dev/null 2>&1; then
    compose='docker compose'
fi
# shellcheck disable=SC2086 # The newer one is two words.
exec env "UID=${UID:-$(id -u)}" "GID=${GID:-$(id -g)}" $compose "$@"
