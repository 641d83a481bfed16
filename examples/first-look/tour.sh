#!/bin/sh
# A walk over the registers of hdl/models/axil_regs.sv with two programs as Debian ships them.
# Under Trapline there is a device at 0x43c00000 of /dev/mem; neither /dev/mem nor root is needed.
set -e

try() {
  echo
  echo "# $1"
  shift
  echo "\$ $*"
  "$@"
}

try 'ID is a parameter of the RTL'                   busybox devmem 0x43c00004 32
try 'SCRATCH keeps what is written'                  busybox devmem 0x43c00000 32 0x12345678
try '... and gives it back'                          busybox devmem 0x43c00000 32
try 'a byte write moves one strobe'                  busybox devmem 0x43c00001 8 0xff
try 'the same word, by another program'              memtool md -l 0x43c00000+4
try 'COUNT: two writes to SCRATCH; reading clears'   busybox devmem 0x43c0000c 32
try '... so now it is'                               busybox devmem 0x43c0000c 32
try '64 bits on a 32-bit bus: two beats, ascending'  busybox devmem 0x43c00010 64 0x1122334455667788
try '... and back'                                   busybox devmem 0x43c00010 64
try 'TRIGGER sets bits of STATUS'                    memtool mw -l 0x43c00018 0x5
try 'STATUS has them'                                memtool md -l 0x43c00008+4
try 'writing 1 clears'                               busybox devmem 0x43c00008 32 0x1
try '... just that one'                              busybox devmem 0x43c00008 32
