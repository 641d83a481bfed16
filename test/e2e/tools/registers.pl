# SPDX-License-Identifier: Apache-2.0
# registers PATH BASE: seeks, writes and reads a register as a file.
open(my $device, "+<:raw", $ARGV[0]) or die "open: $!";
sysseek($device, $ARGV[1] + 8, 0);
syswrite($device, pack("V", 0x11223344));
sysseek($device, $ARGV[1] + 8, 0);
sysread($device, my $bytes, 4);
printf "%08x\n", unpack("V", $bytes);
