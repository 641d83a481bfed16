/** A device by other names than its own: links as udev makes them, ways around, and names of open files. */
import { chmodSync, existsSync, readFileSync, statSync, symlinkSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { base, sampleModel } from '../support/configs.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { runHost, toWords } from '../support/trapline.js'

/** Names that no machine has. */
function configAt(path: string): TraplineConfig {
  return {
    models: { ram: sampleModel('axil_ram', { AddrWidth: 13, Depth: 1024 }) },
    devices: {
      sensor: { kind: 'char', path, size: 0x100, model: 'ram' },
      mem0: { kind: 'mem', path: '/dev/mem', base, size: 0x1000, model: 'ram' },
      uio7: { kind: 'uio', index: 7, maps: [{ size: 0x1000 }], model: 'ram' },
    },
  }
}
const sensor = '/dev/trapline-sensor0'
const config = configAt(sensor)

/** Eight ways to a file. */
function waysTo(path: string, scratch: Scratch): string[] {
  const slash = path.lastIndexOf('/'),
    folder = path.slice(0, slash),
    name = path.slice(slash + 1)
  const at = (link: string) => join(scratch.path, link)
  symlinkSync(path, at('by-id'))
  symlinkSync('by-id', at('by-path'))
  symlinkSync(folder, at('folder'))
  symlinkSync(`folder/../../${path}`, at('up'))
  symlinkSync(`folder//./${name}`, at('relative'))
  return [at('by-id'), 'by-path', at(`folder/${name}`), 'folder/' + name, at('relative'), `/proc/self/root${path}`]
}

const script = `
for way; do
  printf '\\001\\002\\003\\004' | dd of="$way" status=none &&
  head -c 4 "$way" | od -An -tx1 && stat -Lc %F "$way" && realpath "$way" &&
  test -c "$way" && test -w "$way" || echo "$way failed"
done`

it('leads to it, whether the machine has such a file or not', async () => {
  const scratch = makeScratch()
  const ways = waysTo(sensor, scratch)
  const { stdout, stderr, log } = await runHost(scratch, config, ['sh', '-c', script, 'sh', ...ways])
  expect(stdout, stderr).toBe(` 01 02 03 04\ncharacter special file\n${sensor}\n`.repeat(ways.length))
  expect(log.map(toWords)).toEqual(
    ways.flatMap(() => ['write sensor+0x0 4 B = 0x04030201', 'read sensor+0x0 4 B = 0x04030201']),
  )
  expect(existsSync(sensor)).toBe(false)
})

it("and never to the machine's own file at that path", async () => {
  const scratch = makeScratch()
  const path = scratch.write('device', 'the own contents')
  const longAgo = new Date('2001-01-01')
  utimesSync(path, longAgo, longAgo)
  chmodSync(path, 0o666)
  const ways = [path, ...waysTo(path, scratch)]
  const { stdout, stderr, log } = await runHost(scratch, configAt(path), ['bash', '-c', script, 'bash', ...ways])
  expect(stdout, stderr).toBe(` 01 02 03 04\ncharacter special file\n${path}\n`.repeat(ways.length))
  expect(log).toHaveLength(2 * ways.length)
  expect(statSync(path).atime).toEqual(longAgo)
  expect(statSync(path).mtime).toEqual(longAgo)
  expect(readFileSync(path, 'utf8')).toBe('the own contents')
})

it('physical memory and UIO devices have links too', async () => {
  const scratch = makeScratch()
  symlinkSync('/dev/mem', join(scratch.path, 'memory'))
  symlinkSync('/dev/uio7', join(scratch.path, 'by-name'))
  const lines = [
    'import mmap, os, struct',
    `for name, offset in ("memory", ${base}), ("by-name", 0):`,
    '  fd = os.open(name, os.O_RDWR)',
    '  m = mmap.mmap(fd, 4096, offset=offset)',
    '  m[0:4] = b"abcd"',
    '  print(os.readlink(f"/proc/self/fd/{fd}"), m[0:4])',
    'print(os.stat("by-name").st_rdev == os.stat("/dev/uio7").st_rdev, open("memory", "rb", buffering=0).seek(4))',
  ]
  const { stdout, stderr, log } = await runHost(scratch, config, ['python3', '-c', lines.join('\n')])
  expect(stdout, stderr).toBe("/dev/mem b'abcd'\n/dev/uio7 b'abcd'\nTrue 4\n")
  expect(log.filter(({ device }) => device === 'uio7').length).toBeGreaterThan(0)
})

it('has attributes behind a link as well, or none', async () => {
  const scratch = makeScratch()
  for (const name of ['link', 'by-link']) symlinkSync(name === 'link' ? sensor : 'link', join(scratch.path, name))
  const lines = [
    'import errno, os',
    `for path in "${sensor}", "link", "by-link":`,
    '  try: os.getxattr(path, "user.a")',
    '  except OSError as error: print(errno.errorcode[error.errno], os.listxattr(path))',
  ]
  const { stdout, stderr } = await runHost(scratch, config, ['python3', '-c', lines.join('\n')])
  expect(stdout, stderr).toBe('ENODATA []\n'.repeat(3))
})

it('an open file has names as well', async () => {
  const lines = [
    `exec 5<> ${sensor}`,
    "printf 'abcd' | dd of=/proc/self/fd/5 status=none",
    'head -c 4 /dev/fd/5; echo',
    'head -c 4 < /dev/fd/5; echo',
    'exec 5>&-',
    `exec < ${sensor}`,
    'head -c 4 /dev/stdin; echo',
    'test -c /dev/stdin && echo character',
  ]
  const { stdout, stderr } = await runHost(makeScratch(), config, ['bash', '-ec', lines.join('\n')])
  expect(stdout, stderr).toBe('abcd\nabcd\nabcd\ncharacter\n')
})

it('what leads elsewhere, or nowhere, stays what it is', async () => {
  const scratch = makeScratch()
  scratch.write('other', 'other')
  for (const [link, target] of [
    ['to-other', 'other'],
    ['loop', 'loop'],
    ['nowhere', '/dev/trapline-none'],
    ['mem', 'other'],
  ] as const)
    symlinkSync(target, join(scratch.path, link))
  symlinkSync(sensor, join(scratch.path, 'device'))
  const lines = [
    'import errno, os',
    'def tell(what, call):',
    '  try: print(what, call())',
    '  except OSError as error: print(what, errno.errorcode[error.errno])',
    'for name in "to-other", "mem", "loop", "nowhere":',
    '  tell(name, lambda: os.read(os.open(name, os.O_RDONLY), 5))',
    'tell("not followed", lambda: os.open("device", os.O_RDONLY | os.O_NOFOLLOW))',
    'tell("new", lambda: os.open("device", os.O_RDWR | os.O_CREAT | os.O_EXCL))',
    'tell("a link", lambda: (os.path.islink("device"), os.readlink("device")))',
  ]
  const { stdout, stderr } = await runHost(scratch, config, ['python3', '-c', lines.join('\n')])
  expect(stdout, stderr).toBe(
    [
      "to-other b'other'",
      "mem b'other'",
      'loop ELOOP',
      'nowhere ENOENT',
      'not followed ELOOP',
      'new EEXIST',
      `a link (True, '${sensor}')`,
      '',
    ].join('\n'),
  )
})
