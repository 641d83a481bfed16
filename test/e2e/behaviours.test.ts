/**
 * The host can't tell: each row of `behaviours/` holds on plain memory, where it shows that the row is right, and on a
 * window. All rows of a family run under one bridge, each in a process of its own. Those of static programs, which have
 * the agent beside them, and of static programs of 32 bits are right already, and run on a window alone.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { base, configOf, sampleModel } from '../support/configs.js'
import { behaviours } from '../support/places.js'
import { hasPython, unlessPython } from '../support/python.js'
import { openScratch, removeScratch, type Scratch } from '../support/scratch.js'
import { isAsked, onTheirSimulator, roundsOf, simulated } from '../support/simulators.js'
import { runHost, type EndedHost } from '../support/trapline.js'

/** A page of memory, and behind it a page where every access is refused. */
const ram = sampleModel('axil_ram', { AddrWidth: 13, Depth: 1024 })
const config = configOf(ram, { size: 0x2000 })
/** The same device in a simulator of cocotb's, with our managers in Python. */
const ramUnderCocotb = configOf(simulated(ram), { size: 0x2000 })
const env = { BEHAVIOUR_ROUNDS: `${roundsOf(250, 25)}` }
const memoryBytes = 0x1000

const plainFamilies = [
  'handlers',
  'raised',
  'masks',
  'stacks',
  'threads',
  'processes',
  'descriptors',
  'taken',
  'confined',
  'dropped',
  'files',
  'maps',
  'remaps',
  'private',
  'buffers',
  'pointed',
  'idioms',
]
const families = await namesOfRows([...plainFamilies, 'files-fortified', 'buffers-fortified'])
const besideFamilies = [...plainFamilies, 'locks', 'record_locks']
const runs32 = existsSync(join(behaviours, 'masks-static32')) && existsSync('/proc/sys/abi/vsyscall32')
const staticFamilies = await namesOfRows([
  ...besideFamilies.map((family) => `${family}-static`),
  ...(runs32 ? besideFamilies.map((family) => `${family}-static32`) : []),
])

it.skipIf(!runs32)(
  `there are rows of 32 bits${runs32 ? '' : ' (skipped: needs i686-linux-gnu-gcc and a kernel for them)'}`,
  () => {
    expect(staticFamilies).toHaveLength(2 * besideFamilies.length)
  },
)

describe.each(families)('$family', ({ family, rows }) => {
  const scratch = openScratch()
  const onMemory = new Map<string, string>()
  const onWindow = new Map<string, string>()
  let words = { memory: '', window: '' }
  let ended: EndedHost

  beforeAll(async () => {
    const file = join(scratch.path, 'memory')
    writeFileSync(file, Buffer.alloc(memoryBytes))
    const plain = await execa(join(behaviours, family), [file, '0'], {
      ...{ reject: false, cwd: scratch.path, env },
    })
    take(plain.stdout, onMemory)
    ended = await runOnWindow(scratch, family)
    take(ended.stdout, onWindow)
    words = { memory: plain.stderr, window: ended.stderr }
  })
  afterAll(() => removeScratch(scratch))

  it.each(rows)('%s: on plain memory', (row) => {
    expect(onMemory.get(row), words.memory).toBe('ok')
  })
  it.each(rows)('%s: on a window', (row) => {
    expect(onWindow.get(row), words.window).toBe('ok')
  })
  it('ends well, and its log is one order without gaps', () => expectGoodEnd(ended))
})

describe.each(staticFamilies)('$family', ({ family, rows }) => {
  const onWindow = new Map<string, string>()
  const scratch = openScratch()
  let ended: EndedHost

  beforeAll(async () => {
    ended = await runOnWindow(scratch, family, '25')
    take(ended.stdout, onWindow)
  })
  afterAll(() => removeScratch(scratch))

  it.each(rows)('%s', (row) => {
    expect(onWindow.get(row), ended.stderr).toBe('ok')
  })
  it('ends well, and its log is one order without gaps', () => expectGoodEnd(ended))
})

/** A few of them: an access takes ten times as long there. Where a simulator is asked for, all are above. */
const few = isAsked ? [] : ['handlers', 'buffers', 'idioms', 'descriptors']
describe.skipIf(!hasPython).each(families.filter(({ family }) => few.includes(family)))(
  `$family, ${onTheirSimulator}${unlessPython}`,
  ({ family, rows }) => {
    const onWindow = new Map<string, string>()
    const scratch = openScratch()
    let ended: EndedHost

    beforeAll(async () => {
      const program = [join(behaviours, family), '/dev/mem', `${base}`]
      ended = await runHost(scratch, ramUnderCocotb, program)
      take(ended.stdout, onWindow)
    })
    afterAll(() => removeScratch(scratch))

    it.each(rows)('%s', (row) => {
      expect(onWindow.get(row), ended.stderr).toBe('ok')
    })
  },
)

async function runOnWindow(scratch: Scratch, family: string, rounds = env.BEHAVIOUR_ROUNDS): Promise<EndedHost> {
  const byGrpc = family.startsWith('confined') ? { byGrpc: 'its programs confine themselves' } : {}
  return runHost(scratch, config, [join(behaviours, family), '/dev/mem', `${base}`], {
    ...{ env: { BEHAVIOUR_ROUNDS: rounds }, ...byGrpc },
  })
}

function expectGoodEnd({ status, stderr, log }: EndedHost): void {
  expect(status, stderr).toBe(0)
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, i) => i + (log[0]?.seq ?? 0)))
}

/** The programs say themselves what rows they have. */
async function namesOfRows(programs: string[]): Promise<{ family: string; rows: string[] }[]> {
  return Promise.all(
    programs.map(async (family) => {
      const { stdout } = await execa(join(behaviours, family), ['rows'])
      return { family, rows: stdout.split('\n') }
    }),
  )
}

/** Lines `NAME: ok` or `NAME: what went wrong`. */
function take(stdout: string, results: Map<string, string>): void {
  for (const line of stdout.split('\n')) {
    const [, name = '', result = ''] = /^(.*): ([^:]*)$/.exec(line) ?? []
    results.set(name, result)
  }
}
