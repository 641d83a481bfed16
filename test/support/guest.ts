/**
 * A Debian machine of its own for one script: QEMU without acceleration (TCG), a kernel from Debian's package, busybox,
 * Node, and Trapline as it is built here. Nothing of it is installed or kept, and no network is in it.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { execa } from 'execa'
import { expect } from 'vitest'
import { CpioArchive } from './cpio.js'
import { isThere } from './drivers.js'
import { root } from './places.js'
import type { Scratch } from './scratch.js'
import { unlessUnpacked, unpacked } from './unpacked.js'

/** A third of the usual one's size; it has the drivers of virtual machines. */
const flavour = 'linux-image-cloud-amd64'
const emulator = 'qemu-system-x86_64'
/** Room for a boot where the emulator has little of a processor. */
const longestMs = 500_000

/** Where the built command line lies in the guest. */
export const guestTrapline = '/opt/trapline/build/bridge/main.js'

export interface GuestEnded {
  /** Exit status of the script. */
  status: number
  /** All that was written to the console, the kernel's words included. */
  console: string
  /** Holds what the script left in /out. */
  folder: string
}

/** For names of tests that are skipped, where this machine can't have a guest; else empty. */
export function withoutGuest(): string {
  if (!isThere(emulator)) return ' (needs qemu-system-x86)'
  return unlessUnpacked(flavour, kernel()) + unlessUnpacked('busybox-static', busybox())
}

/**
 * @param script of sh, run as root; what it leaves in /out comes back
 * @param programs files of this machine, which lie in the guest at the same paths, with the libraries that they need
 * @param devices for QEMU's -device
 * @param modules of the kernel, as they lie below its folder; the guest has them in /modules
 */
export async function runGuest(
  scratch: Scratch,
  script: string,
  programs: string[],
  devices: string[] = [],
  modules: string[] = [],
): Promise<GuestEnded> {
  const [image, brought, folder] = [join(scratch.path, 'initrd'), join(scratch.path, 'out.tar'), scratch.folder()]
  writeImage(image, script, programs, modules.map(moduleOf))
  const machine = ['-accel', 'tcg', '-m', '1024', '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot']
  const { all, exitCode } = await execa(
    emulator,
    [
      ...machine,
      ...devices.flatMap((device) => ['-device', device]),
      ...['-serial', 'stdio', '-serial', `file:${brought}`],
      ...['-kernel', kernel() ?? '', '-initrd', image, '-append', 'console=ttyS0 quiet panic=-1'],
    ],
    { stdin: 'ignore', all: true, reject: false, timeout: longestMs },
  )
  rmSync(image)
  // Its clock may be ahead of ours.
  const { stderr } = spawnSync('tar', ['-xmf', brought, '-C', folder], { encoding: 'utf8' })
  const status = join(folder, 'status')
  expect(exitCode === 0 && existsSync(status) ? stderr : 'the guest did not come to its end', all).toBe('')
  return { status: Number(readFileSync(status, 'utf8')), console: all, folder }
}

/** Where the kernel is: the package of a version, on which the flavour's own depends. */
function kernel(): string | undefined {
  const { stdout } = spawnSync('apt-cache', ['depends', flavour], { encoding: 'utf8' })
  const [, name, version] = /Depends: (linux-image-(\S+))/.exec(stdout ?? '') ?? []
  return name && unpacked(name, `boot/vmlinuz-${version}`)
}

function moduleOf(name: string): string {
  const [, tree = '', version = ''] = /^(.*)\/boot\/vmlinuz-(.*)$/.exec(kernel() ?? '') ?? []
  return join(tree, 'lib/modules', version, 'kernel', name)
}

function busybox(): string | undefined {
  return unpacked('busybox-static', 'bin/busybox')
}

/** The whole first file system. */
function writeImage(path: string, script: string, programs: string[], modules: string[]): void {
  const image = new CpioArchive(path)
  for (const folder of ['/proc', '/sys', '/dev', '/tmp', '/out', '/root', '/usr/sbin', '/sbin', '/modules'])
    image.addFolder(folder)
  image.addText('/init', init, 'program')
  image.addText('/script', script)
  image.addCopy('/bin/busybox', busybox() ?? '')
  image.addCopy('/usr/bin/node', process.execPath)
  const binutils = spawnSync('sh', ['-c', 'command -v addr2line'], { encoding: 'utf8' }).stdout.trim()
  image.addCopy('/usr/bin/addr2line', binutils)
  const agent = readdirSync(join(root, 'build/trap')).filter((name) => /^trapline-|\.so$|\.node$/.test(name))
  const ours = agent.map((name) => join(root, 'build/trap', name))
  for (const file of ours) image.addCopy(inGuest(file), file)
  for (const file of programs) image.addCopy(file, file)
  for (const file of modules) image.addCopy(join('/modules', basename(file)), file, 'file')
  for (const file of traplineFiles()) image.addCopy(inGuest(file), file, 'file')
  for (const file of librariesOf([process.execPath, binutils, ...ours, ...programs])) image.addCopy(file, file)
  image.close()
}

/** The package as it stands here, and the packages that it needs at work. */
function traplineFiles(): string[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, object> }
  const needed = Object.entries(lock.packages).filter(([name, { dev, optional, peer }]: [string, LockedPackage]) => {
    return name !== '' && !dev && !optional && !peer
  })
  const folders = ['build/bridge', 'bridge/setup', 'proto', ...needed.map(([name]) => name)]
  return [join(root, 'package.json'), ...folders.flatMap((folder) => filesBelow(join(root, folder)))]
}

interface LockedPackage {
  dev?: boolean
  optional?: boolean
  peer?: boolean
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.map$|\.d\.[cm]?ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
}

function inGuest(file: string): string {
  return join('/opt/trapline', file.slice(root.length))
}

function librariesOf(files: string[]): string[] {
  const { stdout } = spawnSync('ldd', files, { encoding: 'utf8' })
  return [...stdout.matchAll(/(?:=> |^\t)(\/\S+) \(/gm)]
    .map(([, path = '']) => path)
    .filter((path) => !path.startsWith(root))
}

const init = `#!/bin/busybox sh
/bin/busybox --install -s
export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm
mount -t tmpfs shm /dev/shm
chmod 1777 /tmp
cd /root
sh /script
echo $? > /out/status
stty -F /dev/ttyS1 raw
tar -c -f /dev/ttyS1 -C /out .
poweroff -f
`
