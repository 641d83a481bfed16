# SPDX-License-Identifier: Apache-2.0
# driver SENSOR UIO, by numbers of system calls (x86-64): 2 open, 1 write, 17 pread64, 9 mmap, 0 read.
use strict;
my ($sensor, $uio) = map { syscall(2, $_, 2) } @ARGV;
print 'open ', $sensor >= 0 && $uio >= 0 ? 'ok' : 'failed', "\n";
my $word = pack('V', 0x11223344);
print 'write ', syscall(1, $sensor, $word, 4), "\n";
syscall(17, $sensor, $word, 4, 0);
printf "read %x\n", unpack('V', $word);
sub mapped { return syscall(9, 0, 4096, 3, 1, $_[0], 0) }
sub load { return unpack('V', unpack('P4', pack('Q', $_[0]))) }
printf "map %x\n", load(mapped($sensor));
# What only it can store: bytes that the kernel writes at an address.
my $timer = mapped($uio);
my $words = pack('V2', 3000, 3);
syscall(1, $sensor, $words, 8);
syscall(17, $sensor, $timer + 12, 4, 4);
syscall(17, $sensor, $timer, 4, 8);
syscall(0, $uio, $word, 4);
print 'wait ', unpack('V', $word), "\n";
