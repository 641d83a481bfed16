#!/bin/sh
# A small regression: each check is a run with a model of its own. Its log and report stay in the folder that is named.
set -u

artefacts=$1
passed=0
failed=0

# NAME, what the program must print, the program
check() {
    name=$1 expected=$2
    shift 2
    printed=$(trapline run --seed 1 --log "$artefacts/$name.jsonl" --report "$artefacts/$name.json" -- "$@")
    if [ $? -eq 0 ] && [ "$printed" = "$expected" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$name: '$printed' where '$expected' was due"
    fi
}

check id 0xCAFE0001 busybox devmem 0x43c00004 32
check scratch 0x12345678 sh -ec 'busybox devmem 0x43c00000 32 0x12345678; busybox devmem 0x43c00000 32'
check strobes 0x1234FF78 sh -ec 'busybox devmem 0x43c00000 32 0x12345678; busybox devmem 0x43c00001 8 0xff
    busybox devmem 0x43c00000 32'
check wide 0x1122334455667788 sh -ec 'busybox devmem 0x43c00010 64 0x1122334455667788; busybox devmem 0x43c00010 64'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
