/**
 * I/O ports: Debian's own programs that use in and out, untouched and as a normal user, see and change what RTL behind
 * ports holds; each access is one, of its width.
 */
import { chmodSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { isThere } from '../support/drivers.js'
import { asNobody, cacheOfNobody, canBecomeNobody, needsNobody, nobody } from '../support/nobody.js'
import { sampleRtl } from '../support/places.js'
import { portConfig, portTools } from '../support/port-tools.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, toWords, trapline } from '../support/trapline.js'

const config = portConfig(sampleRtl)

async function run(...commands: string[]) {
  const ended = await runHost(makeScratch(), config, ['sh', '-ec', commands.join('\n')])
  expect(ended.status, ended.stderr).toBe(0)
  return { ...ended, lines: ended.stdout.trimEnd().split('\n'), accesses: ended.log.map(toWords) }
}

/** The test's name says which package is missing. */
function needs(packages: Record<string, string>): [boolean, string] {
  const isMissing = (program: string) => !['/usr/bin', '/usr/sbin'].some((folder) => isThere(`${folder}/${program}`))
  const missing = Object.keys(packages).filter(isMissing)
  const names = missing.map((program) => packages[program]).join(', ')
  return [missing.length === 0, missing.length === 0 ? '' : ` (needs ${names})`]
}
const [hasInb, unlessInb] = needs({ inb: 'ioport' })
const [hasIsadump, unlessIsadump] = needs({ isadump: 'lm-sensors' })
const [hasSuperiotool, unlessSuperiotool] = needs({ superiotool: 'coreboot-utils' })
const [hasLspci, unlessLspci] = needs({ lspci: 'pciutils' })

it.skipIf(!hasInb)(`inb, outb and their kin make one access each, of their width${unlessInb}`, async () => {
  const { lines, accesses } = await run(
    'outb 0x70 0x20; outb 0x71 0x5a; inb 0x71',
    'outw 0x72 0x3344; inw 0x72',
    'inl 0x70',
    'outl 0xcf8 0x80000800; inl 0xcfc; inw 0xcfe; inb 0xcfd',
  )
  expect(lines).toEqual(['90', '13124', `${0x33445a20}`, `${0xcafe1af4 | 0}`, `${0xcafe}`, `${0x1a}`])
  expect(accesses).toEqual([
    'write cmos+0x0 1 B = 0x20',
    'write cmos+0x1 1 B = 0x5a',
    'read cmos+0x1 1 B = 0x5a',
    'write cmos+0x2 2 B = 0x3344',
    'read cmos+0x2 2 B = 0x3344',
    'read cmos+0x0 4 B = 0x33445a20',
    'write pci+0x0 4 B = 0x80000800',
    'read pci+0x4 4 B = 0xcafe1af4',
    'read pci+0x6 2 B = 0xcafe',
    'read pci+0x5 1 B = 0x1a',
  ])
})

it.skipIf(!hasInb)(`a port that no device covers reads all ones, and is named once${unlessInb}`, async () => {
  const { lines, accesses, sentences } = await run('inb 0x80', 'inl 0x2d', 'outb 0x80 1')
  expect(lines).toEqual(['255', '-1'])
  expect(accesses).toEqual(['read superio+0x0 2 B = 0xffff'])
  expect(sentences.filter((sentence) => sentence.startsWith('I/O port'))).toEqual([
    "I/O port 0x80 is no device's: it reads as all ones, and writes to it go nowhere",
    "I/O port 0x2d is no device's: it reads as all ones, and writes to it go nowhere",
    "I/O port 0x30 is no device's: it reads as all ones, and writes to it go nowhere",
    "I/O port 0x80 is no device's: it reads as all ones, and writes to it go nowhere",
  ])
})

it.skipIf(!hasIsadump)(`isadump shows what isaset has put there${unlessIsadump}`, async () => {
  const { stdout, accesses } = await run('isaset -y 0x70 0x71 0x21 0x77', 'isadump -y 0x70 0x71')
  expect(stdout).toMatch(/^00: (00 ){13}80 00 00 *$/m)
  expect(stdout).toMatch(/^20: 00 77 (00 ){14}$/m)
  const data = accesses.filter((access) => access.startsWith('read cmos+0x1 1 B'))
  // One of the two reads its value back.
  expect(data.length).toBeGreaterThanOrEqual(256)
  expect(accesses.every((access) => access.includes(' 1 B = '))).toBe(true)
})

describe.skipIf(!hasSuperiotool)(`the programs of coreboot-utils${unlessSuperiotool}`, () => {
  it('superiotool knows the chip', async () => {
    const { lines, accesses } = await run('superiotool')
    expect(lines.at(-1)).toBe('Found ITE IT8712F (id=0x8712, rev=0x7) at 0x2e')
    expect(accesses).toContain('read superio+0x1 1 B = 0x87')
    expect(accesses.every((access) => access.includes(' 1 B = '))).toBe(true)
  })

  it('nvramtool -x shows the memory of both halves', async () => {
    const { stdout, accesses } = await run('nvramtool -x')
    expect(stdout.match(/^[\da-f]{3}0 \|/gm)).toHaveLength(16)
    const indexes = accesses.filter((access) => access.startsWith('write'))
    const reads = accesses.filter((access) => access.startsWith('read'))
    // It leaves out the clock's bytes, 0 to 13.
    expect([indexes.length, reads.length]).toEqual([242, 242])
    expect(indexes[0]).toBe('write cmos+0x0 1 B = 0x0e')
    expect(indexes.at(-1)).toBe('write cmos+0x2 1 B = 0xff')
  })
})

it.skipIf(!hasLspci)(`lspci finds devices by mechanism 1, and setpci changes them${unlessLspci}`, async () => {
  const { stdout, log, accesses } = await run(
    'lspci -A intel-conf1 -n',
    'setpci -A intel-conf1 -s 01.0 COMMAND=0x7 BASE_ADDRESS_0=0xfebf0000',
    'setpci -A intel-conf1 -s 01.0 COMMAND.w BASE_ADDRESS_0',
  )
  expect(stdout).toContain('00:00.0 0600: 1b36:0008 (rev 01)\n00:01.0 ff00: 1af4:cafe (rev 01)\n0007\nfebf0000\n')
  expect(log.every(({ device }) => device === 'pci')).toBe(true)
  expect(accesses).toContain('write pci+0x4 2 B = 0x0007')
  expect(accesses).toContain('write pci+0x4 4 B = 0xfebf0000')
  expect(accesses[0]).toBe('write pci+0x0 4 B = 0x80000000')
})

describe.skipIf(!canBecomeNobody)(`as nobody (${needsNobody})`, () => {
  const tools = portTools.map((tool) => {
    const [areThere, unless] = needs(tool.packages)
    return { ...tool, areThere, title: `${Object.keys(tool.packages).join(' and ')}${unless}` }
  })
  it.for(tools)('$title', async ({ areThere, command, shows }, { skip }) => {
    skip(!areThere)
    const scratch = makeScratch()
    chmodSync(scratch.path, 0o777)
    const file = scratch.write('c.json', config)
    const program = ['sh', '-ec', `id -u; PATH=$PATH:/usr/sbin; ${command}`]
    const { status, stdout, stderr } = await trapline(scratch, ['run', '--config', file, '--', ...program], {
      wrapper: asNobody,
      env: { TRAPLINE_CACHE: cacheOfNobody(), HOME: scratch.path },
      owner: nobody,
    })
    expect(status, stderr).toBe(0)
    expect(stdout).toMatch(new RegExp(`^${nobody}\n`))
    expect(stdout).toMatch(shows)
  })
})

it.skipIf(!hasInb)(`--map of /dev/port is a range of ports${unlessInb}`, async () => {
  const scratch = makeScratch()
  const flags = ['--rtl', sampleRtl('isa_cmos'), '--top', 'isa_cmos', '--map', '/dev/port@0x70+4']
  const listed = await trapline(scratch, ['list', ...flags])
  expect(listed.stdout).toMatch(/^isa_cmos0 +port +\/dev\/port +0x70-0x73 /m)
  const { status, stdout } = await trapline(scratch, ['run', ...flags, '--', 'inb', '0x71'])
  expect({ status, stdout }).toEqual({ status: 0, stdout: '0\n' })
})

/** Byte by byte, as drivers/char/mem.c of the kernel has it. */
it('/dev/port is read and written byte by byte, at its position or at another', async () => {
  const script = [
    'import errno, mmap, os',
    'fd = os.open("/dev/port", os.O_RDWR)',
    'print(os.lseek(fd, 0x70, os.SEEK_SET), os.write(fd, b"\\x21\\x99"), os.lseek(fd, 0, os.SEEK_CUR))',
    'print(os.pread(fd, 8, 0x6f).hex(), os.pwrite(fd, b"\\x0d", 0x70), os.pread(fd, 1, 0x71).hex())',
    'print(os.pread(fd, 4, 0x10000), os.pwrite(fd, b"x", 0x10000), len(os.pread(fd, 8, 0xfffc)))',
    'print(os.fstat(fd).st_rdev == os.makedev(1, 4))',
    'def fails(call, *arguments):',
    '  try: call(*arguments)',
    '  except OSError as error: print(errno.errorcode[error.errno])',
    'fails(os.lseek, fd, 0, os.SEEK_END)',
    'fails(mmap.mmap, fd, 4096)',
    'fails(os.write, os.open("/dev/port", os.O_RDONLY), b"x")',
  ]
  const { status, stdout, stderr, log } = await runHost(makeScratch(), config, ['python3', '-c', script.join('\n')])
  expect(status, stderr).toBe(0)
  expect(stdout.split('\n')).toEqual([
    ...['112 2 114', 'ff21990000ffffff 1 80', "b'' 0 4", 'True', 'EINVAL', 'ENODEV', 'EBADF', ''],
  ])
  expect(log.map(toWords)).toEqual([
    'write cmos+0x0 1 B = 0x21',
    'write cmos+0x1 1 B = 0x99',
    'read cmos+0x0 1 B = 0x21',
    'read cmos+0x1 1 B = 0x99',
    'read cmos+0x2 1 B = 0x00',
    'read cmos+0x3 1 B = 0x00',
    'write cmos+0x0 1 B = 0x0d',
    'read cmos+0x1 1 B = 0x80',
  ])
})

it('ports of one model lie beside its memory', async () => {
  const both: TraplineConfig = {
    models: { ram: { top: 'axil_ram', sources: [sampleRtl('axil_ram')] } },
    devices: {
      memory: { kind: 'mem', base: 0x40, size: 0x40, model: 'ram' },
      ports: { kind: 'port', base: 0x40, size: 0x10, model: 'ram', address: 0x20, onError: 'ones' },
    },
  }
  const script = [
    'import os',
    'os.pwrite(os.open("/dev/port", os.O_RDWR), b"Ports", 0x42)',
    'print(os.pread(os.open("/dev/mem", os.O_RDWR), 5, 0x62))',
  ]
  const { stdout, log } = await runHost(makeScratch(), both, ['python3', '-c', script.join('\n')])
  expect(stdout).toBe("b'Ports'\n")
  expect(log.map(({ device, widthBytes }) => `${device} ${widthBytes}`)).toEqual([
    ...Array.from({ length: 5 }, () => 'ports 1'),
    ...['memory 2', 'memory 2', 'memory 1'],
  ])
})
