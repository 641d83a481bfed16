/**
 * What the machine has at the path of a device is neither opened, nor read, nor changed, by ways that tell nothing of
 * the path to libc's names.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { sampleModel } from '../support/configs.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

const contents = 'the own contents'

/** A device whose first word is 'real', at the path of a file that the machine has. */
function deviceAt(scratch: Scratch): { path: string; config: TraplineConfig } {
  const path = scratch.write('device', contents)
  const longAgo = new Date('2001-01-01')
  chmodSync(path, 0o666)
  utimesSync(path, longAgo, longAgo)
  return {
    path,
    config: {
      models: { ram: sampleModel('axil_ram', { AddrWidth: 13, Depth: 1024 }) },
      devices: { sensor: { kind: 'char', path, size: 0x100, model: 'ram' } },
    },
  }
}

/** Runs a program in Python that knows the path, behind whatever words. */
async function tell(program: string, before: string[] = []): Promise<string[]> {
  const scratch = makeScratch()
  const { path, config } = deviceAt(scratch)
  const known = statSync(path)
  const start = `
import ctypes, errno, os, sys
path = sys.argv[1]
with open(path, 'r+b', buffering=0) as device: device.write(b'real')
def tell(what, call):
    try: print(what, call(), flush=True)
    except OSError as error: print(what, errno.errorcode[error.errno], flush=True)
def made(result, *others):
    if result < 0: raise OSError(ctypes.get_errno(), '')
    return result
`
  const words = ['python3', scratch.write('program.py', start + program), path]
  const { stdout, stderr } = await runHost(scratch, config, [...before, ...words])
  const { atime, ctime, mode } = statSync(path)
  expect({ atime, ctime, mode }, stdout + stderr).toEqual({ atime: known.atime, ctime: known.ctime, mode: known.mode })
  expect(readFileSync(path, 'utf8')).toBe(contents)
  expect(stderr).not.toContain('Traceback')
  return stdout.trimEnd().split('\n')
}

it('by what posix_spawn opens for a child', async () => {
  const lines = await tell(`
folder, name = os.path.split(path)
open_before = os.listdir('/proc/self/fd')
def spawn(*actions):
    words = ['head', '-c', '4']
    pid = os.posix_spawnp('head', words, os.environ, file_actions=list(actions))
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
tell('', lambda: spawn((os.POSIX_SPAWN_OPEN, 0, path, os.O_RDONLY, 0)))
os.chdir(folder)
tell('', lambda: spawn((os.POSIX_SPAWN_OPEN, 9, name, os.O_RDWR, 0), (os.POSIX_SPAWN_DUP2, 9, 0)))
tell('', lambda: spawn((os.POSIX_SPAWN_OPEN, 0, path, os.O_RDONLY | os.O_DIRECTORY, 0)))
tell('', lambda: spawn((os.POSIX_SPAWN_OPEN, 0, path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)))
print(os.listdir('/proc/self/fd') == open_before)
`)
  expect(lines).toEqual(['real 0', 'real 0', ' ENOTDIR', ' EEXIST', 'True'])
})

it('by openat2, which says how paths are followed', async () => {
  const lines = await tell(`
libc = ctypes.CDLL(None, use_errno=True)
folder, name = os.path.split(path)
os.symlink(path, os.path.join(folder, 'link'))
directory = os.open(folder, os.O_PATH)
class How(ctypes.Structure): _fields_ = [(field, ctypes.c_uint64) for field in ('flags', 'mode', 'resolve', 'more')]
def openat2(path, resolve=0, mode=0, more=0, size=24):
    how = How(os.O_RDWR, mode, resolve, more)
    return os.read(made(libc.syscall(437, directory, path.encode(), ctypes.byref(how), size)), 4)
IN_ROOT, BENEATH, NO_SYMLINKS, NO_XDEV = 0x10, 0x08, 0x04, 0x01
tell('its name', lambda: openat2(name, BENEATH | NO_XDEV))
tell('root', lambda: openat2('/' + name, IN_ROOT))
tell('above the root', lambda: openat2('../../' + name, IN_ROOT))
tell('outside', lambda: openat2(path, BENEATH))
tell('link', lambda: openat2('link'))
tell('no link', lambda: openat2('link', NO_SYMLINKS))
tell('mode', lambda: openat2(name, mode=0o777))
tell('more', lambda: openat2(name, size=32))
tell('unknown', lambda: openat2(name, more=1, size=32))
`)
  expect(lines).toEqual([
    "its name b'real'",
    "root b'real'",
    "above the root b'real'",
    'outside EXDEV',
    "link b'real'",
    'no link ELOOP',
    'mode EINVAL',
    "more b'real'",
    'unknown E2BIG',
  ])
})

it("by libc's functions that a program has from a handle of libc", async () => {
  const lines = await tell(`
libc, name = ctypes.CDLL('libc.so.6', use_errno=True), path.encode()
def call(function, *arguments): tell(function, lambda: made(getattr(libc, function)(*arguments)))
call('chmod', name, 0o600)
call('chown', name, os.getuid(), os.getgid())
call('utimes', name, None)
call('setxattr', name, b'user.x', b'y', 1, 0)
call('removexattr', name, b'user.x')
call('truncate', name, 3)
call('link', name, name + b'.other')
call('rename', name, name + b'.other')
call('unlink', name)
call('remove', name)
call('symlink', b'x', name)
print(oct(os.stat(path).st_mode))
`)
  expect(lines).toEqual([
    'chmod 0',
    'chown 0',
    'utimes 0',
    'setxattr EPERM',
    'removexattr EPERM',
    'truncate EINVAL',
    'link EPERM',
    'rename EPERM',
    'unlink EPERM',
    'remove EPERM',
    'symlink EEXIST',
    '0o20600',
  ])
})

it('by system calls that libc has no name for', async () => {
  const lines = await tell(`
libc, name = ctypes.CDLL(None, use_errno=True), path.encode()
AT_FDCWD, EMPTY_PATH = -100, 0x1000
def call(what, number, *arguments):
    try: print(what, made(libc.syscall(number, *arguments)))
    except OSError as error: print(what, 'refused' if error.errno in (errno.ENOSYS, errno.EPERM) else error)
call('setxattr', 188, name, b'user.x', b'y', 1, 0)
call('futimesat', 261, AT_FDCWD, name, None)
call('setxattrat', 463, AT_FDCWD, name, 0, b'user.x', (ctypes.c_uint64 * 2)(), 16)
libc.syscall(452, AT_FDCWD, name, 0o640, 0) # fchmodat2: Linux 6.6
device = os.open(path, os.O_RDWR)
libc.syscall(452, device, b'', 0o640, EMPTY_PATH)
libc.syscall(280, device, b'', None, EMPTY_PATH) # utimensat
print(os.read(device, 4))
`)
  expect(lines).toEqual(['setxattr refused', 'futimesat 0', 'setxattrat refused', "b'real'"])
})

it('and a descriptor of another process is the device that it is there', async () => {
  const lines = await tell(`
libc = ctypes.CDLL(None, use_errno=True)
here, there = os.pipe(), os.pipe()
child = os.fork()
if child == 0:
    os.write(here[1], bytes([os.open(path, os.O_RDWR)]))
    os.read(there[0], 1)
    os._exit(0)
number = os.read(here[0], 1)[0]
got = made(libc.pidfd_getfd(os.pidfd_open(child), number, 0))
again = os.open(f'/proc/{child}/fd/{number}', os.O_RDWR)
print(os.read(got, 4), os.read(again, 4), os.pread(got, 4, 0))
os.write(there[1], b'x')
os.waitpid(child, 0)
`)
  expect(lines).toEqual(["b'real' b'real' b'real'"])
})

const mounts = ['unshare', '--user', '--map-root-user', '--mount']
const canMount = spawnSync(mounts[0] ?? '', [...mounts.slice(1), 'true']).status === 0

it.skipIf(!canMount)('by what is mounted elsewhere, or another root (needs user namespaces)', async () => {
  const program = `
import subprocess
folder, name = os.path.split(path)
def read(path): return os.read(os.open(path, os.O_RDWR), 4)
other, file = os.path.join(folder, 'other'), os.path.join(folder, 'file')
os.mkdir(other)
open(file, 'w').close()
subprocess.run(['mount', '--bind', folder, other], check=True)
subprocess.run(['mount', '--bind', path, file], check=True)
tell('folder', lambda: read(os.path.join(other, name)))
tell('file', lambda: read(file))
os.chroot(folder)
tell('root', lambda: read('/' + name))
`
  expect(await tell(program, mounts)).toEqual(["folder b'real'", "file b'real'", "root b'real'"])
})
