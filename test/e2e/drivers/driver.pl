# SPDX-License-Identifier: Apache-2.0
# driver SENSOR UIO START, by Perl's own files, which can't map: the timer is started by the command START.
my ($sensor_path, $uio_path, $start) = @ARGV;
open(my $sensor, '+<:raw', $sensor_path) or die;
open(my $uio, '+<:raw', $uio_path) or die;
$| = 1;
print "open ok\n";
print 'write ', syswrite($sensor, pack('V', 0x11223344)), "\n";
sysseek($sensor, 0, 0);
sysread($sensor, my $word, 4);
printf "read %x\n", unpack('V', $word);
system("($start) > /dev/null");
sysread($uio, my $count, 4);
print 'wait ', unpack('V', $count), "\n";
