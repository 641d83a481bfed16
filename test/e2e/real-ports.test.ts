/**
 * I/O ports of the machine itself, those of a PC in QEMU: programs of Debian's use them under Trapline as natively, and
 * each access is recorded. Made again on a CMOS in RTL the recording shows no difference.
 */
import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isThere } from '../support/drivers.js'
import { guestTrapline, runGuest, withoutGuest, type GuestEnded } from '../support/guest.js'
import { asNobody, cacheOfNobody, canBecomeNobody, needsNobody, nobody } from '../support/nobody.js'
import { host, sampleRtl } from '../support/places.js'
import { makeScratch, openScratch, removeScratch } from '../support/scratch.js'
import { toWords, trapline, type LoggedAccess } from '../support/trapline.js'

const firmware = host('fw_cfg')
const tools = ['inb', 'inw', 'inl', 'outb', 'outl', 'lspci'].map((name) => `/usr/bin/${name}`)

/**
 * What holds all ports and hands them on must not let a program past us. Port 0x71 is read by a static program too, as
 * a file. What the second run does can't be carried out.
 */
const script = `
export TRAPLINE_CACHE=/tmp/cache
ports="--hardware /dev/port@0x70+2 --hardware /dev/port@0xcf8+8 --hardware /dev/port@0x510+2"
cat > commands <<'END'
outb 0x70 0x40; outb 0x71 0x5a; outb 0x70 0x41; outb 0x71 0xa5
inb 0x71; dd if=/dev/port bs=1 skip=113 count=1 2> /dev/null | hexdump -e '1/1 "%d\\n"'
outl 0xcf8 0x80000000; inl 0xcfc; inw 0xcfe; inb 0xcfd
${firmware}
lspci -A intel-conf1 -n -xxx > /out/pci.recorded
END
lspci -A intel-conf1 -n -xxx > /out/pci
${firmware} holding node ${guestTrapline} run --record /out/ports.jsonl $ports -- sh -e commands > /out/shown || exit
outb 0x70 0x40; inb 0x71 > /out/cmos
node ${guestTrapline} run $ports -- sh -c '${firmware} dropped; inl 0x70; inb 0x80' > /out/uncovered 2> /out/refused
echo $? >> /out/refused
`

const scratch = openScratch()
let ended: GuestEnded

const read = (name: string) => readFileSync(join(ended.folder, name), 'utf8')
const readLog = () =>
  read('ports.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as LoggedAccess)

/** Bytes 0 to 255 of function 00:00.0, as reads by configuration mechanism 1 had them. */
function toFirstFunction(log: LoggedAccess[]): Buffer {
  const [space, selected] = [Buffer.alloc(256), { address: 0 }]
  for (const { op, offset, widthBytes, data } of log) {
    if (op === 'write' && offset === 0) selected.address = Number(data)
    const { address } = selected
    if (op === 'read' && offset >= 4 && address >= 0x8000_0000 && address < 0x8000_0100)
      space.writeUIntLE(Number(data), (address & 0xfc) + offset - 4, widthBytes)
  }
  return space
}

const withoutTools = tools.every(isThere) ? '' : ' (needs ioport and pciutils)'
const without = withoutGuest() + withoutTools

describe.skipIf(without !== '')(`the ports of a PC in QEMU${without}`, () => {
  beforeAll(async () => {
    ended = await runGuest(scratch, script, [firmware, ...tools])
  })
  afterAll(() => removeScratch(scratch))

  it('in, out and ins of each width are carried out on them, and each is recorded', () => {
    expect(ended.status, ended.console).toBe(0)
    // Answers of QEMU's chipset: 440FX, 8086:1237.
    expect(read('shown')).toBe(`165\n165\n${0x12378086}\n${0x1237}\n${0x80}\nQEMU\n`)
    const log = readLog()
    expect(log.slice(0, 15).map(toWords)).toEqual([
      'write port+0x0 1 B = 0x40',
      'write port+0x1 1 B = 0x5a',
      'write port+0x0 1 B = 0x41',
      'write port+0x1 1 B = 0xa5',
      'read port+0x1 1 B = 0xa5',
      'read port+0x1 1 B = 0xa5',
      'write port-2+0x0 4 B = 0x80000000',
      'read port-2+0x4 4 B = 0x12378086',
      'read port-2+0x6 2 B = 0x1237',
      'read port-2+0x5 1 B = 0x80',
      'write port-3+0x0 2 B = 0x0000',
      ...[...'QEMU'].map((letter) => `read port-3+0x1 1 B = 0x${letter.charCodeAt(0).toString(16)}`),
    ])
    expect(log[10]?.symbol).toMatch(/^outw \(io\.h:\d+\)$/)
    expect(new Set(log.slice(0, 15).map(({ pid }) => pid)).size).toBe(11)
  })

  it('the device keeps what was written', () => expect(read('cmos')).toBe(`${0x5a}\n`))

  it('lspci shows by mechanism 1 what it shows natively, and the recording has it', () => {
    expect(read('pci.recorded')).toBe(read('pci'))
    const space = toFirstFunction(readLog().slice(15))
    const rows = Array.from({ length: 16 }, (_none, row) => {
      const bytes = [...space.subarray(16 * row, 16 * row + 16)].map((byte) => byte.toString(16).padStart(2, '0'))
      return `${row.toString(16)}0: ${bytes.join(' ')}`
    })
    expect(read('pci')).toContain(`00:00.0 0600: 8086:1237 (rev 02)\n${rows.join('\n')}\n`)
  })

  it('what a program may no longer do, or not as one access, ends it with a sentence', () => {
    const refused = read('refused')
    expect(refused).toContain(
      "trapline: device port-3: the kernel does not let this process have the machine's I/O ports (EPERM: operation " +
        'not permitted), which takes CAP_SYS_RAWIO and a kernel that is not locked down; the host is ended\n',
    )
    expect(refused).toMatch(
      /^trapline: an access of 4 bytes at I\/O port 0x70, at pc 0x\w+, lies only partly in the real device port, and/m,
    )
    expect(refused).toMatch(/\b0 accesses .*\n125\n$/)
  })

  it('ports that no device covers are not the machine’s either', () => {
    expect(read('uncovered')).toBe('255\n')
    expect(read('refused')).toContain("I/O port 0x80 is no device's: it reads as all ones")
  })

  it('a CMOS in RTL answers alike', async () => {
    const own = makeScratch()
    const cmos = readLog().filter(({ device }) => device === 'port')
    const recording = own.write('cmos.jsonl', cmos.map((access) => `${JSON.stringify(access)}\n`).join(''))
    const config = own.write('trapline.config.json', {
      models: { cmos: { top: 'isa_cmos', sources: [sampleRtl('isa_cmos')] } },
      devices: { port: { kind: 'port', base: 0x70, size: 2, model: 'cmos' } },
    })
    const { status, stderr } = await trapline(own, ['replay', '--config', config, recording])
    expect(status, stderr).toBe(0)
    expect(stderr).toContain(`6 accesses of ${recording}: every answer is the same`)
  })
})

it.skipIf(!canBecomeNobody)(`as nobody a run with real ports is refused (${needsNobody})`, async () => {
  const own = makeScratch()
  chmodSync(own.path, 0o777)
  const { status, sentences } = await trapline(own, ['run', '--hardware', '/dev/port@0x70+2', '--', 'true'], {
    wrapper: asNobody,
    env: { TRAPLINE_CACHE: cacheOfNobody(), HOME: own.path },
    owner: nobody,
  })
  expect({ status, sentences }).toEqual({
    status: 125,
    sentences: [
      'device port: /dev/port holds real I/O ports, which take CAP_SYS_RAWIO; run it as root, in a container with ' +
        'that capability added',
    ],
  })
})

it('lists them with the numbers of the ports', async () => {
  const { stdout } = await trapline(makeScratch(), ['list', '--hardware', '/dev/port@0x70+2'])
  expect(stdout).toMatch(/^port +hardware +\/dev\/port +0x70-0x71 +\(none\) +1 B *$/m)
})
