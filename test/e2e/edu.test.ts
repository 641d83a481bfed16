/**
 * A real device that is no RTL, QEMU's `edu`, is recorded in a guest, under a driver that knows nothing of Trapline.
 * Made again on the twin in RTL the recording shows no difference; where the twin has a bug, it shows the first access
 * that tells, and the driver's line.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configOf } from '../support/configs.js'
import { guestTrapline, runGuest, withoutGuest, type GuestEnded } from '../support/guest.js'
import { host, root, sampleRtl } from '../support/places.js'
import { makeScratch, openScratch, removeScratch } from '../support/scratch.js'
import { toWords, trapline, type LoggedAccess } from '../support/trapline.js'

const [driver, waiting] = [host('edu_driver'), host('edu_interrupts')]
const driverLines = readFileSync(join(root, 'test/e2e/hosts/edu_driver.c'), 'utf8').split('\n')
const twin = readFileSync(sampleRtl('axi4_edu'), 'utf8')

/** The program opens the file that every driver in user space does, by the path that sysfs has for it. */
const script = `
export TRAPLINE_CACHE=/tmp/cache
edu=$(dirname $(grep -l 0x11e8 /sys/bus/pci/devices/*/device))
record() { file=$1; shift; node ${guestTrapline} run --record /out/$file --hardware $edu/resource0+0x1000 "$@"; }
record recording.jsonl -- ${driver} $edu/resource0 0 || exit
insmod /modules/uio.ko
insmod /modules/uio_pci_generic.ko
echo 1234 11e8 > /sys/bus/pci/drivers/uio_pci_generic/new_id
record interrupts.jsonl --hardware /dev/uio0 -- ${waiting} $edu /dev/uio0 $edu/resource0 || exit
uio="--hardware /dev/uio0 -- ${waiting} $edu /dev/uio0 /dev/uio0"
node ${guestTrapline} run --record /out/interrupts.mmiotrace $uio || exit
grep -v , $edu/resource | head -7 > /out/regions
cat $edu/irq > /out/irq
`

const scratch = openScratch()
const recording = () => join(recorded.folder, 'recording.jsonl')
let recorded: GuestEnded

function readRecording(name = 'recording.jsonl'): LoggedAccess[] {
  const lines = readFileSync(join(recorded.folder, name), 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as LoggedAccess)
}

/** The twin as replay has it: the factorial is done by the next access, however many times the driver had to ask. */
function configOfTwin(rtl: string) {
  const { models, devices } = configOf({ top: 'axi4_edu', sources: [scratch.write('axi4_edu.sv', rtl)] })
  const resource0 = { ...devices.dut, base: 0 }
  const uio0 = { kind: 'uio', maps: [{ size: 0x1000 }], model: 'dut', interrupt: 'irq_o' }
  return { models, devices: { resource0, uio0 }, minCyclesPerAccess: 64 }
}

/** Whether a factorial is still being computed when it is asked for is the machine's affair. */
async function replayOn(rtl: string, name = 'recording.jsonl') {
  const own = makeScratch()
  const config = own.write('trapline.config.json', configOfTwin(rtl))
  return trapline(own, ['replay', '--config', config, '--ignore', 'resource0+0x20:1', join(recorded.folder, name)])
}

/** `function (file:line)` of the one line of the driver that has these words. */
function placeOf(words: string, name: string): string {
  const [line, ...others] = driverLines.flatMap((text, i) => (text.includes(words) ? [i + 1] : []))
  expect(others, words).toEqual([])
  return `${name} (edu_driver.c:${line})`
}

const without = withoutGuest()

describe.skipIf(without !== '')(`QEMU's edu in a guest${without}`, () => {
  beforeAll(async () => {
    recorded = await runGuest(
      scratch,
      script,
      [driver, waiting],
      ['edu'],
      ['drivers/uio/uio.ko', 'drivers/uio/uio_pci_generic.ko'],
    )
  })
  afterAll(() => removeScratch(scratch))

  it('its driver gets the answers of the device, and each access is recorded', () => {
    expect(recorded.console).toContain('edu: all well')
    expect(recorded.status, recorded.console).toBe(0)
    const log = readRecording()
    const polls = log.filter(({ op, offset }) => op === 'read' && offset === 0x20)
    expect(polls.length).toBeGreaterThanOrEqual(14)
    const others = log.filter((access) => !polls.includes(access))
    expect(others).toHaveLength(1 + 2 * 3 + 2 * 14 + 7 + 4 + 1)
    expect(others.slice(0, 3).map(toWords)).toEqual([
      'read resource0+0x0 4 B = 0x010000ed',
      'write resource0+0x4 4 B = 0x00000000',
      'read resource0+0x4 4 B = 0xffffffff',
    ])
    expect(others.at(-1)).toMatchObject({ widthBytes: 8, data: '0xffffffffffffffff' })
    expect(others[0]?.symbol).toBe(placeOf('return edu->id ==', 'is_edu'))
  })

  it('a driver waits for its interrupts on /dev/uio0, and each is recorded among its accesses', () => {
    expect(recorded.console.match(/^edu_interrupts: all well\r?$/gm)).toHaveLength(2)
    const log = readRecording('interrupts.jsonl')
    const first = Number(log.find(({ op }) => op === 'interrupt')?.data)
    expect(first).toBeGreaterThan(0)
    const factorials = [
      ['0x00000005', '0x00000078'],
      ['0x00000007', '0x000013b0'],
      ['0x0000000a', '0x00375f00'],
    ]
    expect(log.map(({ op, device, offset, data }) => `${op} ${device}+${offset} ${data}`)).toEqual([
      'write resource0+32 0x00000080',
      ...factorials.flatMap(([of, is], i) => [
        `write resource0+8 ${of}`,
        `interrupt uio0+0 0x${(first + i).toString(16).padStart(8, '0')}`,
        'read resource0+36 0x00000001',
        'write resource0+100 0x00000001',
        `read resource0+8 ${is}`,
      ]),
    ])
    const interrupts = log.filter(({ op }) => op === 'interrupt')
    expect(interrupts.every(({ pid, tid }) => pid === log[0]?.pid && tid === log[0]?.tid)).toBe(true)
  })

  it('its map of /dev/uio0 is the device; mmiotrace has its PCI device and addresses, as sysfs tells them', () => {
    const read = (name: string) => readFileSync(join(recorded.folder, name), 'utf8').trimEnd().split('\n')
    const [version, pci, device, mapped, ...made] = read('interrupts.mmiotrace')
    const regions = read('regions').map((line) => line.split(' ').map(Number))
    const [start = 0, end = 0] = regions[0] ?? []
    const hex = (value: number) => value.toString(16)
    expect(start).toBeGreaterThan(0)
    expect(version).toBe('VERSION 20070824')
    expect(pci).toMatch(/^PCIDEV 00\w\w 123411e8 /)
    const none = Array<string>(6).fill('0')
    expect(pci?.split(' ').slice(3)).toEqual([
      ...[hex(Number(read('irq')[0])), hex(start), ...none, hex(end - start + 1), ...none, 'uio_pci_generic'],
    ])
    expect(device).toBe(`MAP 0.000000 1 0x${hex(start)} 0x0 0x${hex(end - start + 1)} 0x0 0`)
    expect(mapped).toMatch(new RegExp(`^MAP \\d+\\.\\d{6} 2 0x${hex(start)} 0x\\w+ 0x1000 0x0 \\d+$`))
    expect(made[0]).toMatch(new RegExp(`^W 4 \\d+\\.\\d{6} 2 0x${hex(start + 0x20)} 0x80 0x\\w+ \\d+$`))
    expect(made[2]).toMatch(/^MARK \d+\.\d{6} interrupt \d+ of uio0$/)
    expect(made.at(-1)).toMatch(/^UNMAP \d+\.\d{6} 2 0x0 \d+$/)
  })

  it('the twin answers alike', async () => {
    const { status, stdout, stderr } = await replayOn(twin)
    expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: '' })
    expect(stderr).toContain(`${readRecording().length} accesses of ${recording()}: every answer is the same`)
  })

  it('the twin raises its line where the device did', async () => {
    const { status, stdout, stderr } = await replayOn(twin, 'interrupts.jsonl')
    expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: '' })
    expect(stderr).toContain('every answer is the same')
    expect(twin).toContain('computed && irqfact_q')
    const silent = await replayOn(twin.replace('computed && irqfact_q', "1'b0"), 'interrupts.jsonl')
    expect(silent.status, silent.stderr).toBe(1)
    const says = 'irq_o of model dut has not risen in 10000000 cycles after access 2: write resource0+0x8 4 B, in '
    expect(silent.stdout).toMatch(/^interrupt \d+ of uio0: /)
    expect(silent.stdout).toContain(says)
  })

  it.each([
    {
      bug: 'forgets to invert',
      good: 'live_q <= ~write_value',
      bad: 'live_q <= write_value',
      says: 'access 3: read resource0+0x4 4 B: expected 0xffffffff, got 0x00000000',
      place: placeOf('if (edu->live !=', 'is_alive'),
    },
    {
      bug: 'clears all interrupts when one is acknowledged',
      good: "& ~(is_written(Ack) ? write_value[31:0] : '0)",
      bad: "& ~(is_written(Ack) ? '1 : '0)",
      says: 'read resource0+0x24 4 B: expected 0x80000020, got 0x00000000',
      place: placeOf('left = edu->irq', 'interrupts'),
    },
  ])('a twin that $bug is told by the first access that differs', async ({ good, bad, says, place }) => {
    expect(twin).toContain(good)
    const { status, stdout } = await replayOn(twin.replace(good, bad))
    expect(status).toBe(1)
    const [first, ...others] = stdout.trimEnd().split('\n')
    expect(first).toContain(says)
    expect(first).toMatch(/, cycles \d+ to \d+, in /)
    expect(first?.endsWith(`, in ${place}`), first).toBe(true)
    expect(others).toEqual([])
  })
})
