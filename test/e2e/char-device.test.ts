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
