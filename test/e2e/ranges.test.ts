/** `trapline watch` and `trapline unwatch`: which real devices a bridge records changes while programs run on it. */
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { lanesFolder, ringFile } from '../../bridge/run/layout.js'
import { makeAuthority } from '../support/certificates.js'
import { at, base as rtlBase, configOf } from '../support/configs.js'
import { commandLine, host } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { serve as serveBy, token } from '../support/served.js'
import { parseLog, startTrapline, toWords, trapline } from '../support/trapline.js'

const pageBytes = 0x1000
const base = 0xfe00_0000
const hex = (value: number) => `0x${value.toString(16)}`
const placed = (file: string) => `${file}@${hex(base)}+${hex(pageBytes)}`
const mayUseDevices = { env: { TRAPLINE_HARDWARE: '1' } }

/** A bridge with RTL, and with one real device if it is to have one. */
async function serve(scratch: Scratch, board?: string) {
  const { models, devices } = configOf('axil_regs')
  const size = pageBytes
  const config = { models, devices: { ...devices, ...(board && { board: { kind: 'hardware', path: board, size } }) } }
  const log = join(scratch.path, 'served.jsonl')
  const flags = ['--config', scratch.write('c.json', config), '--log', log]
  const bridge = startTrapline(scratch, ['serve', ...flags])
  onTestFinished(() => bridge.kill('SIGKILL'))
  const [address] = await bridge.untilStdout(/^unix:.+$/m)
  return {
    bridge,
    address,
    run: (program: string[], options = {}) =>
      startTrapline(scratch, ['run', '--bridge', address, '--', ...program], options),
    say: (...words: string[]) => trapline(scratch, [words[0] ?? '', '--bridge', address, ...words.slice(1)]),
    /** Ends it. */
    async recorded() {
      bridge.kill('SIGTERM')
      expect((await bridge.ended).status).toBe(0)
      return parseLog(readFileSync(log, 'utf8')).map(toWords)
    },
  }
}

function makeDevice(scratch: Scratch, name = 'device'): string {
  return scratch.write(name, Buffer.alloc(pageBytes))
}

/** Says that it is there, waits for a word in the FIFO, then does what the lines say. */
function waiter(scratch: Scratch, name: string, lines: string[]) {
  const fifo = join(scratch.path, name)
  execFileSync('mkfifo', [fifo])
  const program = [
    'import mmap, os',
    'def store(path, place, offset, value):',
    '  page = mmap.mmap(os.open(path, os.O_RDWR), 4096, offset=place)',
    '  memoryview(page).cast("I")[offset // 4] = value',
    'print("there", flush=True)',
    `open(${JSON.stringify(fifo)}).read()`,
    ...lines,
  ]
  return { program: ['python3', '-c', program.join('\n')], tell: () => writeFile(fifo, 'go') }
}

describe('a range that comes while programs run', () => {
  it('is recorded of programs that start behind it, and of no other', async () => {
    const scratch = makeScratch()
    const device = makeDevice(scratch)
    const { address, run, say, recorded } = await serve(scratch)
    const stores = [
      `store(${JSON.stringify(device)}, 0, 0x10, 0xea)`,
      `store("/dev/mem", ${rtlBase}, 0, 1)`,
      'if os.fork() == 0:',
      `  store("/dev/mem", ${rtlBase}, 0, 2)`,
      '  os._exit(0)',
      'print(os.waitstatus_to_exitcode(os.wait()[1]))',
    ]
    const early = waiter(scratch, 'early', stores)
    // Nobody has allowed it real devices, and it needs none.
    const running = run(early.program)
    await running.untilStdout(/there/)
    const watched = await say('watch', placed(device))
    expect(watched, watched.stderr).toMatchObject({ status: 0, stdout: 'device\n' })
    expect(watched.sentences).toEqual([
      expect.stringMatching(/^python3\S* \(pid \d+\) started before, and does not see device$/),
      `${device} is recorded as device, of programs that start from now on with TRAPLINE_HARDWARE=1`,
    ])
    const late = await run([host('poke'), '/dev/mem', `${base}`, '8', '4', '0x1234'], mayUseDevices).ended
    expect(late, late.stderr).toMatchObject({ status: 0, stdout: '0x00001234\n' })
    // Whoever came before has no use for it, nor has its child.
    rmSync(join(dirname(address.slice('unix:'.length)), lanesFolder, ringFile))
    await early.tell()
    expect(await running.ended).toMatchObject({ status: 0, stdout: 'there\n0\n' })
    const words = await recorded()
    expect(words.sort()).toEqual([
      'write device+0x8 4 B = 0x00001234',
      'write dut+0x0 4 B = 0x00000001',
      'write dut+0x0 4 B = 0x00000002',
    ])
    const contents = readFileSync(device)
    expect([contents.readUInt32LE(8), contents.readUInt32LE(0x10)]).toEqual([0x1234, 0xea])
  })

  it('that goes again stays recorded of programs that know it, and of no other', async () => {
    const scratch = makeScratch()
    const device = makeDevice(scratch)
    const { run, say, recorded } = await serve(scratch)
    expect((await say('watch', placed(device))).status).toBe(0)
    const stores = [
      `store("/dev/mem", ${base}, 0x20, 3)`,
      'if os.fork() == 0:',
      `  store(${JSON.stringify(device)}, 0, 0x24, 4)`,
      '  os._exit(0)',
      'print(os.waitstatus_to_exitcode(os.wait()[1]))',
    ]
    const knowing = waiter(scratch, 'knowing', stores)
    const running = run(knowing.program, mayUseDevices)
    await running.untilStdout(/there/)
    const gone = await say('unwatch', 'device')
    expect(gone, gone.stderr).toMatchObject({ status: 0, stdout: '' })
    expect(gone.sentences).toEqual([
      expect.stringMatching(/^python3\S* \(pid \d+\) started before: if it knows device, that stays recorded/),
      `${device} is not recorded of programs that start from now on`,
    ])
    const late = await run([host('poke'), device, '0', '8', '4', '0x1234']).ended
    expect(late, late.stderr).toMatchObject({ status: 0, stdout: '0x00001234\n' })
    await knowing.tell()
    expect(await running.ended).toMatchObject({ status: 0, stdout: 'there\n0\n' })
    expect(readFileSync(device).readUInt32LE(8)).toBe(0x1234)
    // Its name stays with what was recorded.
    expect(await say('watch', placed(device))).toMatchObject({ status: 0, stdout: 'device-2\n' })
    const again = await run([host('poke'), device, '0', '12', '4', '5'], mayUseDevices).ended
    expect(again, again.stderr).toMatchObject({ status: 0 })
    expect(await recorded()).toEqual([
      'write device+0x20 4 B = 0x00000003',
      'write device+0x24 4 B = 0x00000004',
      'write device-2+0xc 4 B = 0x00000005',
    ])
  })
})

it('what can not be is refused in a sentence, and changes nothing', async () => {
  const scratch = makeScratch()
  const [board, other, short] = [
    makeDevice(scratch, 'board'),
    makeDevice(scratch, 'other'),
    scratch.write('short', '1'),
  ]
  const { run, say, recorded } = await serve(scratch, board)
  const range = `${hex(rtlBase)}+0x1000`
  const refusals: [string[], string][] = [
    [
      ['watch', `${other}@${hex(rtlBase + 0x800)}+0x1000`],
      `devices dut (${range}) and other (${hex(rtlBase + 0x800)}+0x1000) overlap in /dev/mem; move or shrink one`,
    ],
    [
      ['watch', `${board}+0x10`],
      `devices board (0x0+0x1000) and board-2 (0x0+0x10) overlap in ${board}; move or shrink one of them`,
    ],
    [
      ['watch', `${other}+0x2000`],
      `device other: ${other} has 0x1000 bytes, and the device would end at 0x2000; give it a`,
    ],
    [['watch', `${other}+0`], 'devices.other.size'],
    [['watch', `${short}.gone+0x1000`], `device short.gone: ${short}.gone can't be read (`],
    [['watch', 'other+0x1000'], 'other+0x1000: write it as PATH@BASE+SIZE, or PATH+SIZE where no program looks for it'],
    [['watch', '/dev/uio0'], '/dev/uio0 is a UIO device, which a bridge has from its beginning; name it there'],
    [['watch', '/dev/port@0xcf8+8'], '/dev/port has I/O ports, which a bridge has from its beginning; name them there'],
    [['unwatch', 'dut'], 'device dut is RTL, model dut, and no real device; it stays'],
    [['unwatch', 'nothing'], 'there is no device nothing; real devices are board'],
  ]
  for (const [words, sentence] of refusals) {
    const { status, stdout, sentences } = await say(...words)
    expect({ status, stdout, sentence: sentences.join('; ') }).toEqual({
      ...{ status: 125, stdout: '' },
      sentence: expect.stringContaining(sentence) as string,
    })
  }
  const seen = await run([host('poke'), board, '0', '8', '4', '7'], mayUseDevices).ended
  expect(seen, seen.stderr).toMatchObject({ status: 0 })
  expect(await run(['busybox', 'devmem', at(0), '32', '0x5eed'], mayUseDevices).ended).toMatchObject({ status: 0 })
  expect((await recorded()).sort()).toEqual(['write board+0x8 4 B = 0x00000007', 'write dut+0x0 4 B = 0x00005eed'])
})

describe('a bridge that', () => {
  it('is gone is named', async () => {
    const scratch = makeScratch()
    const { bridge, address, say } = await serve(scratch)
    bridge.kill('SIGTERM')
    await bridge.ended
    const { status, sentences } = await say('watch', placed(makeDevice(scratch)))
    expect({ status, sentences }).toEqual({
      ...{ status: 125 },
      sentences: [`no bridge answers at ${address}; start one with \`trapline serve\``],
    })
  })

  it('nobody names is asked for', async () => {
    const scratch = makeScratch()
    const { status, sentences } = await trapline(scratch, ['unwatch', 'device'])
    expect(status).toBe(125)
    expect(sentences).toEqual(['--bridge is missing; name the address that `trapline serve` has printed'])
  })

  it('is of one run has the devices that it began with', async () => {
    const scratch = makeScratch()
    const [board, other] = [makeDevice(scratch, 'board'), makeDevice(scratch, 'other')]
    const command = [process.execPath, commandLine, 'watch', `${other}+0x1000`]
    const { status, stderr } = await trapline(scratch, ['run', '--hardware', `${board}+0x1000`, '--', ...command])
    expect(status).toBe(125)
    expect(stderr).toContain('this bridge is of one run, whose devices are those that it began with; `trapline serve`')
  })

  it('wants a token and a certificate changes nothing without them', async () => {
    const scratch = makeScratch()
    const ca = makeAuthority(scratch)
    const identities = { ca, bridge: ca.sign('bridge'), host: ca.sign('host') }
    const { bridge, address } = await serveBy(scratch, configOf('axil_regs'), 'tls', identities)
    const { cert, key } = identities.host
    const trust = ['--tls-cert', cert, '--tls-key', key, '--tls-ca', ca.cert]
    const watch = (token: string, flags: string[]) => {
      const words = ['watch', '--bridge', address, ...flags, placed(makeDevice(scratch))]
      return trapline(scratch, words, { env: { TRAPLINE_TOKEN: token } })
    }
    expect(await watch('wrong', trust)).toMatchObject({ status: 125, stdout: '' })
    expect(await watch(token, [])).toMatchObject({ status: 125, stdout: '' })
    const watched = await watch(token, trust)
    expect(watched, watched.stderr).toMatchObject({ status: 0, stdout: 'device\n' })
    bridge.kill('SIGTERM')
    expect((await bridge.ended).status).toBe(0)
  })
})
