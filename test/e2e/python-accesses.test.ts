/**
 * Python makes the accesses on a window that it makes on memory, no more and no less. The reference is the same program
 * on a file, whose every load and store `native_accesses.c` writes down.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { nativeAccesses, root } from '../support/places.js'
import { openScratch, removeScratch } from '../support/scratch.js'
import { runHost, type LoggedAccess } from '../support/trapline.js'

const program = join(root, 'test/e2e/tools/snippets.py')
/** Stores under a mask count as whole in the reference, so libc must not choose them. */
const env = { GLIBC_TUNABLES: 'glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512BW' }

/** What is surprising is so on hardware too: the reference decides, the words tell why. */
const snippets = {
  'device[8]': 'one byte',
  'device[8] = 1': 'one byte',
  'device[8:12]': "libc's memcpy of 4 bytes: two overlapping loads",
  'device[8:12] = b"abcd"': "libc's memcpy of 4 bytes: two overlapping stores",
  'device[8:16]': 'two loads of 8 bytes',
  'device[8:24]': 'two loads of 16 bytes',
  'device[8:108]': 'loads of vector registers',
  'device.seek(8); device.read(4)': 'as a slice',
  'device.seek(8); device.write(b"abcd")': 'as a slice',
  'device.find(b"z", 8, 12)': 'byte by byte',
  'struct.pack_into("<I", device, 8, 0x11223344)': 'cleared first, then written',
  'struct.pack_into("I", device, 8, 0x11223344)': 'cleared first, then written',
  'struct.pack_into("<L", device, 8, 0x11223344)': 'cleared first, then written byte by byte',
  'struct.pack_into("=L", device, 8, 0x11223344)': 'cleared first, then written byte by byte',
  'struct.pack_into(">I", device, 8, 0x11223344)': 'cleared first, then written byte by byte, descending',
  'struct.unpack_from("<I", device, 8)': 'one load',
  'struct.unpack_from("<L", device, 8)': 'byte by byte',
  'ctypes.c_uint32.from_buffer(device, 8).value': 'one load',
  'ctypes.c_uint32.from_buffer(device, 8).value = 5': 'reads before it writes',
  'words[2]': 'one load',
  'words[2] = 5': 'one store',
  'words[2:4].tolist()': 'two loads',
}

const scratch = openScratch()
let onMemory: Map<string, string[]>
let onWindow: Map<string, string[]>

beforeAll(async () => {
  const file = join(scratch.path, 'memory')
  const log = join(scratch.path, 'native.log')
  const host = (...place: string[]) => ['python3', program, ...place, ...Object.keys(snippets)]
  writeFileSync(file, Buffer.alloc(4096))
  const [python = '', ...args] = host(file, '0')
  await execa(python, args, { env: { ...env, NATIVE_FILE: file, NATIVE_LOG: log, LD_PRELOAD: nativeAccesses } })
  onMemory = bySnippet(readFileSync(log, 'utf8').trimEnd().split('\n'))
  const trapped = await runHost(scratch, configOf('axil_ram'), host('/dev/mem', `${base}`), { env })
  onWindow = bySnippet(trapped.log.map(toLine))
})
afterAll(() => removeScratch(scratch))

it.each(Object.entries(snippets))('%s: %s', (snippet) => {
  expect(onMemory.get(snippet)).not.toHaveLength(0)
  expect(onWindow.get(snippet)).toEqual(onMemory.get(snippet))
})

it('a slice of a register reads it twice', () => {
  expect(onWindow.get('device[8:12]')).toEqual(['read 0x8 4 B', 'read 0x8 4 B'])
})

it('ctypes writes a register once, and before Python 3.13 reads it first', async () => {
  const { stdout } = await execa('python3', ['-c', 'import sys; print(sys.version_info < (3, 13))'])
  const before = stdout === 'True' ? ['read 0x8 4 B'] : []
  expect(onWindow.get('ctypes.c_uint32.from_buffer(device, 8).value = 5')).toEqual([...before, 'write 0x8 4 B'])
})

function toLine({ op, offset, widthBytes }: LoggedAccess): string {
  return `${op} 0x${offset.toString(16)} ${widthBytes} B`
}

/** Accesses between the marks. */
function bySnippet(accesses: string[]): Map<string, string[]> {
  const groups = accesses.join('\n').split('read 0xff0 1 B').slice(1)
  return new Map(Object.keys(snippets).map((name, i) => [name, groups[i]?.split('\n').filter(Boolean) ?? []]))
}
