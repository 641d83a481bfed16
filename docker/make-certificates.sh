#!/bin/sh
# Makes certificates to try mutual TLS with: `docker/make-certificates.sh FOLDER`. A CA, and signed by it `bridge` and
# `host`. They are valid for 30 days, `host` as a client's only, so that no host can pose as the bridge; `bridge` as a
# client's too, for its own health check is one. The keys are as secret as the folder is.
set -eu

umask 077
mkdir -p "$1"
cd "$1"

openssl req -x509 -days 30 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=trapline-ca \
    -addext keyUsage=critical,keyCertSign,cRLSign -keyout ca.key -out ca.pem 2>/dev/null
for name in bridge host; do
    use=clientAuth
    [ "$name" = host ] || use=serverAuth,clientAuth
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$name" \
        -keyout "$name.key" -out "$name.csr" 2>/dev/null
    printf '%s\n' "subjectAltName=DNS:$name,DNS:localhost,IP:127.0.0.1" basicConstraints=critical,CA:FALSE \
        keyUsage=critical,digitalSignature "extendedKeyUsage=$use" > "$name.ext"
    openssl x509 -req -days 30 -in "$name.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -extfile "$name.ext" \
        -out "$name.pem" 2>/dev/null
    rm "$name.csr" "$name.ext"
done
