/** A driver's character device: software that reads and writes its file runs as well as software that maps it. */
import { expect, it } from 'vitest'
import { configOf } from '../support/configs.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, toWords } from '../support/trapline.js'

const path = '/dev/sensor0'
const { models } = configOf('axil_ram')
const config = {
  models,
  devices: { sensor: { kind: 'char' as const, path, size: 0x100, model: 'dut' } },
}

function python(lines: string[]) {
  const script = ['import mmap, os', `fd = os.open(${JSON.stringify(path)}, os.O_RDWR)`, ...lines].join('\n')
  return runHost(makeScratch(), config, ['python3', '-c', script])
}

it('reads and writes are cut into accesses of the register width, in ascending order', async () => {
  const { stdout, log } = await python([
    'os.write(fd, bytes(range(10)))',
    'os.lseek(fd, 2, os.SEEK_SET)',
    'print(os.read(fd, 6).hex(), os.lseek(fd, 0, os.SEEK_CUR))',
  ])
  expect(stdout).toBe('020304050607 8\n')
  expect(log.map(toWords)).toEqual([
    'write sensor+0x0 4 B = 0x03020100',
    'write sensor+0x4 4 B = 0x07060504',
    'write sensor+0x8 2 B = 0x0908',
    'read sensor+0x2 2 B = 0x0302',
    'read sensor+0x4 4 B = 0x07060504',
  ])
})

it('the file ends where the device ends', async () => {
  const { stdout } = await python([
    'os.pwrite(fd, b"abcd", 0xfc)',
    'print(os.pread(fd, 100, 0xfc), os.pread(fd, 4, 0x100))',
    'try:\n  os.pwrite(fd, b"x", 0x100)\nexcept OSError as error:\n  print(error.strerror)',
  ])
  expect(stdout).toBe("b'abcd' b''\nNo space left on device\n")
})

it('what is written can be mapped, and what is mapped can be read', async () => {
  const { stdout } = await python([
    'os.pwrite(fd, b"from write", 0x10)',
    'm = mmap.mmap(fd, 0x100)',
    'print(m[0x10:0x1a])',
    'm[0x20:0x28] = b"from map"',
    'print(os.pread(fd, 8, 0x20))',
  ])
  expect(stdout).toBe("b'from write'\nb'from map'\n")
})

/** The kernel says so of devices whose driver has but read, write and mmap (do_loop_readv_writev, do_mmap). */
it('what files and memory can do and such a device can not is refused as the kernel does', async () => {
  const { stdout } = await python([
    'import ctypes, errno, fcntl, termios',
    'libc = ctypes.CDLL(None, use_errno=True)',
    'libc.mmap.restype = ctypes.c_long',
    'named = os.open(os.readlink(f"/proc/self/fd/{fd}"), os.O_PATH)',
    'def call(name, *arguments):',
    '  result = getattr(libc, name)(*arguments)',
    '  print(name, errno.errorcode[ctypes.get_errno()] if result < 0 else result)',
    'def map(flags): call("mmap", None, ctypes.c_size_t(4096), 1, flags, fd, ctypes.c_long(0))',
    'buffer = ctypes.create_string_buffer(8)',
    'vector = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 8)',
    'for count, flags in (1, 8), (1, 0x4000), (-1, 0), (1025, 0):',
    '  call("preadv2", fd, vector, count, ctypes.c_long(0), flags)',
    'for command in fcntl.F_SETLEASE, fcntl.F_GET_SEALS: call("fcntl", fd, command, 0)',
    'call("fcntl", fd, fcntl.F_SETFL, os.O_DIRECT)',
    'call("fsetxattr", fd, b"user.x", b"y", 1, 0)',
    'for flags in 3 | 0x80000, 1 | 0x40000, 1 | 0x100: map(flags)', // MAP_SYNC, MAP_HUGETLB, MAP_GROWSDOWN
    'call("read", named, vector, 4)',
    'call("ioctl", named, termios.FIONREAD, vector)',
  ])
  expect(stdout.trimEnd().split('\n')).toEqual([
    ...['preadv2 ENOTSUP', 'preadv2 ENOTSUP', 'preadv2 EINVAL', 'preadv2 EINVAL'],
    ...['fcntl EINVAL', 'fcntl EINVAL', 'fcntl EINVAL', 'fsetxattr EPERM'],
    ...['mmap ENOTSUP', 'mmap EINVAL', 'mmap EINVAL', 'read EBADF', 'ioctl EBADF'],
  ])
})
