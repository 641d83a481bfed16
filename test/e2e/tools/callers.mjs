// SPDX-License-Identifier: Apache-2.0
// callers.mjs KOFFI PATH OFFSET COUNT: reads a register that often, through a helper. KOFFI is where Node finds it.
const { default: koffi } = await import(process.argv[2])
const [path, offset, count] = process.argv.slice(3)
const libc = koffi.load('libc.so.6')
const open = libc.func('int open(const char *path, int flags, ...)')
const mmap = libc.func('void *mmap(void *at, size_t length, int protection, int flags, int fd, long offset)')
const device = mmap(null, 4096, 3, 1, open(path, 2), Number(offset))
const registers = new Uint32Array(koffi.view(device, 4096))

function reg_read(at) {
  return registers[at / 4]
}

function pollStatus(times) {
  let seen = 0
  for (let i = 0; i < times; i++) seen |= reg_read(8)
  return seen
}

pollStatus(Number(count))
