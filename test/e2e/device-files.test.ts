/** A device is a character device as a file: what programs do with files succeeds, or fails, as it does with one. */
import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { base, sampleModel } from '../support/configs.js'
import { host, root, sampleRtl } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, toWords } from '../support/trapline.js'

const path = '/dev/sensor0'
const config: TraplineConfig = {
  models: {
    ram: sampleModel('axil_ram', { AddrWidth: 13, Depth: 1024 }),
    timer: { top: 'axil_timer', sources: [sampleRtl('axil_timer')] },
  },
  devices: {
    sensor: { kind: 'char', path, size: 0x100, model: 'ram' },
    mem0: { kind: 'mem', path: '/dev/mem', base, size: 0x1000, model: 'ram' },
    uio0: { kind: 'uio', index: 0, maps: [{ size: 0x1000 }], model: 'timer', interrupt: 'irq_o' },
    udmabuf0: { kind: 'u-dma-buf', size: 0x1000 },
  },
}

/** Lines of Python; `tell` prints what a call gave, or the name of its error. */
function python(device: string, lines: string[], scratch = makeScratch()) {
  const script = [
    'import errno, fcntl, mmap, os, shutil, stat, sys',
    'def tell(what, call):',
    '  try: print(what, call(), sep=": ")',
    '  except OSError as error: print(what, errno.errorcode[error.errno], sep=": ")',
    `path = ${JSON.stringify(device)}`,
    'fd = os.open(path, os.O_RDWR)',
    ...lines,
  ]
  return runHost(scratch, config, ['python3', '-c', script.join('\n')])
}

describe.each([path, '/dev/mem', '/dev/uio0', '/dev/udmabuf0'])('%s', (device) => {
  it('is none that the kernel copies from or to', async () => {
    const { stdout, stderr, log } = await python(device, [
      'other = os.open("other", os.O_RDWR | os.O_CREAT)',
      'os.write(other, bytes(8))',
      'r, w = os.pipe()',
      'os.write(w, bytes(8))',
      'tell("sendfile from", lambda: os.sendfile(other, fd, 0, 8))',
      'tell("sendfile to", lambda: os.sendfile(fd, other, 0, 8))',
      'tell("splice from", lambda: os.splice(fd, w, 8))',
      'tell("splice to", lambda: os.splice(r, fd, 8))',
      'tell("copy_file_range from", lambda: os.copy_file_range(fd, other, 8, None, 0))',
      'tell("copy_file_range to", lambda: os.copy_file_range(other, fd, 8, 0, None))',
      'reader = os.open(path, os.O_RDONLY)',
      'tell("sendfile to one that is only read", lambda: os.sendfile(reader, other, 0, 8))',
    ])
    expect(stdout, stderr).toBe(
      [
        'sendfile from: EINVAL',
        'sendfile to: EINVAL',
        'splice from: EINVAL',
        'splice to: EINVAL',
        'copy_file_range from: EINVAL',
        'copy_file_range to: EINVAL',
        'sendfile to one that is only read: EBADF',
        '',
      ].join('\n'),
    )
    expect(log).toEqual([])
  })

  it('has no size that changes, nothing to be flushed, and no ioctls', async () => {
    const { stdout } = await python(device, [
      'tell("ftruncate", lambda: os.ftruncate(fd, 4096))',
      'tell("truncate", lambda: os.truncate(path, 4096))',
      'tell("posix_fallocate", lambda: os.posix_fallocate(fd, 0, 4096))',
      'tell("fsync", lambda: os.fsync(fd))',
      'tell("fdatasync", lambda: os.fdatasync(fd))',
      'tell("FIONREAD", lambda: fcntl.ioctl(fd, 0x541B, bytes(4)))',
      'tell("TCGETS", lambda: fcntl.ioctl(fd, 0x5401, bytes(64)))',
      'tell("size", lambda: (os.fstat(fd).st_size, os.stat(path).st_size))',
    ])
    expect(stdout).toBe(
      [
        'ftruncate: EINVAL',
        'truncate: EINVAL',
        'posix_fallocate: ENODEV',
        'fsync: EINVAL',
        'fdatasync: EINVAL',
        'FIONREAD: ENOTTY',
        'TCGETS: ENOTTY',
        'size: (0, 0)',
        '',
      ].join('\n'),
    )
  })
})

it('what falls back to read and write copies what is in the device', async () => {
  const scratch = makeScratch()
  const { stdout, stderr } = await python(
    path,
    ['os.pwrite(fd, b"to be copied", 0)', 'shutil.copyfile(path, "copy")', 'print(os.system(f"cp {path} copy2"))'],
    scratch,
  )
  expect(stdout, stderr).toBe('0\n')
  for (const copy of ['copy', 'copy2']) {
    expect(statSync(join(scratch.path, copy)).size).toBe(0x100)
    expect(readFileSync(join(scratch.path, copy), 'utf8').slice(0, 12)).toBe('to be copied')
  }
})

it('physical memory has no end to seek from', async () => {
  const { stdout } = await python('/dev/mem', [
    `tell("set", lambda: os.lseek(fd, ${base}, os.SEEK_SET))`,
    'tell("current", lambda: os.lseek(fd, 4, os.SEEK_CUR))',
    'tell("end", lambda: os.lseek(fd, 0, os.SEEK_END))',
    'tell("data", lambda: os.lseek(fd, 0, os.SEEK_DATA))',
    'tell("the last", lambda: os.lseek(fd, -1, os.SEEK_SET))',
  ])
  expect(stdout).toBe(`set: ${base}\ncurrent: ${base + 4}\nend: EINVAL\ndata: EINVAL\nthe last: EOVERFLOW\n`)
})

it.each([
  ['/dev/mem', base],
  ['/dev/uio0', 0],
  [path, 0],
] as const)('%s is what /proc/self/maps says', async (device, offset) => {
  const { stdout, stderr } = await python(device, [
    `mapped = mmap.mmap(fd, 256 if path == "${path}" else 4096, offset=${offset})`,
    'for line in open("/proc/self/maps"):',
    '  _, rights, at, numbers, inode, *name = line.split()',
    '  if name == [path]:',
    '    status = os.stat(path)',
    '    print(rights, int(at, 16), inode == str(status.st_ino))',
    '    print(numbers == f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}")',
    '  assert "/nodes/" not in line and "memfd:trapline" not in line, line',
    'del mapped',
  ])
  expect(stdout, stderr).toBe(`rw-s ${offset} True\nTrue\n`)
})

describe('what is stored in a private mapping', () => {
  const store = (device: string, offset: number) =>
    python(device, [
      `at = ${offset}`,
      'shared = mmap.mmap(fd, 4096, offset=at)',
      'private = mmap.mmap(fd, 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE, offset=at)',
      'print(shared[0:4] == private[0:4], flush=True)',
      'private[4] = shared[4] ^ 7',
      'print(private[4] ^ shared[4])',
    ])

  it('goes to a copy, which a line says', async () => {
    const { status, stdout, stderr, sentences, log } = await store('/dev/mem', base)
    expect([status, stdout], stderr).toEqual([0, 'True\n7\n'])
    expect(sentences).toContainEqual(
      expect.stringMatching(/^a store at 0x\w+ has made a copy of its page of mem0, .* use MAP_SHARED$/),
    )
    expect(log.every(({ op }) => op === 'read')).toBe(true)
  })

  it('raises SIGBUS where the device refuses to have its page copied', async () => {
    const { status, stdout, sentences, log } = await store('/dev/uio0', 0)
    expect([status, stdout]).toEqual([128 + 7, 'True\n'])
    expect(sentences).toContainEqual(
      expect.stringMatching(/^the store at 0x\w+004 to a private mapping of uio0 fails: .* read at 0x\w+010, and/),
    )
    expect(log.every(({ op }) => op === 'read')).toBe(true)
  })
})

describe('queues of reads and writes', () => {
  const queues = (way: string, device: string) => runHost(makeScratch(), config, [host('queues'), way, device])

  it('of libc are carried out', async () => {
    const { stdout, stderr, log } = await queues('libc', path)
    expect(stdout, stderr).toBe(
      [
        'aio_write: 0 4, signal 7',
        'aio_read: 0 4 01020304',
        'aio_fsync: 0 EINVAL',
        'lio_listio: 0 2 0304',
        'aio_cancel: 1',
        '',
      ].join('\n'),
    )
    expect(log.map(toWords)).toEqual([
      'write sensor+0x0 4 B = 0x04030201',
      'read sensor+0x0 4 B = 0x04030201',
      'read sensor+0x2 2 B = 0x0403',
    ])
  })

  it('of libc wait for an interrupt', async () => {
    const { stdout } = await queues('thread', '/dev/uio0')
    expect(stdout).toBe('aio_read: 0\nwaits: 1\nended: 4, count 1\n')
  })

  it('of libc on other files, whose numbers are beside a device', async () => {
    const { stdout, stderr } = await queues('beside', path)
    expect(stdout, stderr).toBe('16 moved; begun 0, waits 1, ended 4 efgh\n')
  })

  it('and threads of timers are libc threads with all signals blocked', async () => {
    const { stdout, stderr } = await queues('timer', path)
    expect(stdout, stderr).toBe('SIGSEGV 1, SIGTERM 1 blocked, 11223344\n')
  })

  it('of the kernel fail as on a device of registers, with a line', async () => {
    const { stdout, sentences } = await queues('kernel', path)
    expect(stdout).toBe('io_submit: EINVAL\nio_submit of two: 1\n')
    expect(sentences).toContain(
      `io_submit() on ${path} fails with EINVAL, as on a device of registers; use read() and write()`,
    )
  })

  it('by rings are refused, with a line', async () => {
    const { stdout, sentences } = await queues('ring', path)
    expect(stdout).toBe('io_uring_setup: EPERM\n')
    expect(sentences).toContainEqual(expect.stringMatching(/^io_uring is refused with EPERM/))
  })
})

describe.each([path, '/dev/uio0', '/dev/udmabuf0'])('%s as a file', (device) => {
  it('has rights, times, owner and a file system, which all programs of the run see', async () => {
    const lines = [
      `ls -l ${device} > listing`,
      `exec 5<> ${device}`,
      `chmod 640 ${device} && stat -c %a ${device} && stat -Lc %a /dev/fd/5`,
      `touch -d @1000000000 ${device} && stat -c %Y ${device} && stat -Lc %Y /dev/fd/5`,
      `chown $(id -u):$(id -g) ${device} && chmod u=rw,go= ${device} && stat -c '%a %F' ${device}`,
      `stat -f -c works ${device}`,
      `ln -s ${device} link && chmod 600 link && stat -c %a ${device} && test -c link && echo through a link`,
      `cp --attributes-only --preserve=mode,timestamps ${device} copy && stat -c '%a %Y' copy`,
    ]
    const { status, stdout, stderr } = await runHost(makeScratch(), config, ['sh', '-ec', lines.join('\n')])
    expect(stdout, stderr).toBe(
      ['640', '640', ...Array<string>(2).fill('1000000000'), '600 character special file', 'works', '600'].join('\n') +
        '\nthrough a link\n600 1000000000\n',
    )
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('ls:')])
  })

  it('keeps its name', async () => {
    const scratch = makeScratch()
    scratch.write('other', '')
    const { stdout, stderr, sentences } = await python(
      device,
      [
        'tell("unlink", lambda: os.unlink(path))',
        'tell("rename", lambda: os.rename(path, "elsewhere"))',
        'tell("replace", lambda: os.rename("other", path))',
        'tell("link", lambda: os.link(path, "elsewhere"))',
        'tell("link there", lambda: os.link("other", path))',
        'tell("symlink there", lambda: os.symlink("other", path))',
        'tell("mknod there", lambda: os.mknod(path))',
        'tell("mknod", lambda: os.mknod("elsewhere", stat.S_IFCHR | 0o600, os.stat(path).st_rdev))',
        'tell("setxattr", lambda: os.setxattr(path, "user.a", b"b"))',
        'tell("getxattr", lambda: os.getxattr(path, "user.a"))',
        'tell("listxattr", lambda: os.listxattr(path))',
        'print(stat.S_ISCHR(os.stat(path).st_mode), os.path.exists("elsewhere"), os.path.exists("other"))',
      ],
      scratch,
    )
    expect(stdout, stderr).toBe(
      [
        ...['unlink', 'rename', 'replace', 'link'].map((call) => `${call}: EPERM`),
        ...['link there', 'symlink there', 'mknod there'].map((call) => `${call}: EEXIST`),
        'mknod: EPERM',
        'setxattr: EPERM',
        'getxattr: ENODATA',
        'listxattr: []',
        'True False True',
        '',
      ].join('\n'),
    )
    expect(sentences).toContain(
      `unlink() of ${device} is refused with EPERM: the configuration of the run keeps the device there`,
    )
  })
})

it('standard streams can be opened on it, by freopen and by a shell', async () => {
  const command = `${host('reopened')} ${path}; printf 'ABCD' > ${path}; head -c 4 ${path}`
  const { stdout, stderr } = await runHost(makeScratch(), config, ['bash', '-c', command])
  expect(stderr).toContain("reopened: abcd, then 'b'")
  expect(stdout).toBe('ABCD')
})

it('numbers of a UIO device are those that sysfs shows', async () => {
  const command = 'stat -c %Hr:%Lr /dev/uio0; cd /sys/class/uio/uio0; cat dev uevent'
  const { stdout, stderr } = await runHost(makeScratch(), config, ['sh', '-c', command])
  expect(stdout.split('\n'), stderr).toEqual(['240:0', '240:0', 'MAJOR=240', 'MINOR=0', 'DEVNAME=uio0', ''])
})

describe('past the agent', () => {
  /** The kernel's words for a file that is open for neither reading nor writing. */
  const refusals = {
    read: 'EBADF',
    write: 'EBADF',
    pread64: 'EBADF',
    pwrite64: 'EBADF',
    readv: 'EBADF',
    writev: 'EBADF',
    'mmap shared': 'EACCES',
    'mmap private': 'EACCES',
    ftruncate: 'EINVAL',
    fallocate: 'EBADF',
    'sendfile from': 'EBADF',
    'sendfile to': 'EBADF',
    'splice from': 'EBADF',
    'splice to': 'EBADF',
    'copy_file_range from': 'EBADF',
    'copy_file_range to': 'EBADF',
  }
  const toOutcomes = (stdout: string) => Object.fromEntries(stdout.split('\n').map((line) => line.split(': ')))

  it.each([path, '/dev/mem'])('nothing is read from %s, written or mapped: a child without agent', async (device) => {
    const scratch = makeScratch()
    const program = join(scratch.path, 'bypass')
    const source = join(root, 'test/e2e/hosts/bypass.c')
    execFileSync('gcc', ['-static', '-O1', '-D_GNU_SOURCE', '-o', program, source])
    // Else the agent would be brought into it.
    const flags = ['--no-net']
    const { stdout, stderr, log } = await runHost(scratch, config, ['sh', '-c', `${program} - <> ${device}`], { flags })
    expect(toOutcomes(stdout), stderr).toMatchObject(refusals)
    expect(stdout).not.toContain('succeeds')
    expect(log).toEqual([])
  })

  it('nor by system calls of its own that go unnoticed', async () => {
    const { stdout, stderr, log } = await runHost(makeScratch(), config, [host('bypass'), path])
    const succeeded = Object.entries(toOutcomes(stdout)).filter(([, outcome]) => outcome === 'succeeds')
    expect(Object.keys(toOutcomes(stdout)), stderr).toEqual(expect.arrayContaining(Object.keys(refusals)))
    expect(succeeded.filter(([call]) => !/^p?(read|write|mmap)/.test(call))).toEqual([])
    expect(succeeded.length > 0).toBe(log.length > 0)
  })

  it('an open file says what it was opened for, and where it is', async () => {
    const { stdout, stderr } = await python(path, [
      'flags = [os.open(path, mode) for mode in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR | os.O_NONBLOCK)]',
      'print([fcntl.fcntl(f, fcntl.F_GETFL) & (os.O_ACCMODE | os.O_NONBLOCK) for f in flags])',
      'print(flags == list(range(fd + 1, fd + 4)), os.readlink(f"/proc/self/fd/{fd}"))',
      'fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK)',
      'print(fcntl.fcntl(os.dup(fd), fcntl.F_GETFL) & (os.O_ACCMODE | os.O_NONBLOCK))',
      'tell("write to one that is read", lambda: os.write(flags[0], b"1234"))',
      'tell("read from one that is written", lambda: os.read(flags[1], 4))',
      'os.lseek(fd, 8, os.SEEK_SET)',
      'if os.fork() == 0: os.read(fd, 4); os._exit(0)',
      'os.wait()',
      'print(os.lseek(fd, 0, os.SEEK_CUR), os.fstat(fd).st_ino == os.stat(path).st_ino)',
    ])
    expect(stdout, stderr).toBe(
      [
        '[0, 1, 2050]',
        `True ${path}`,
        '2050',
        'write to one that is read: EBADF',
        'read from one that is written: EBADF',
        '12 True',
        '',
      ].join('\n'),
    )
  })
})
