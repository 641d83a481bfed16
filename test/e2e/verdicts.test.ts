/** Green means tested: what failed, was flaky or never ran says so in results, JUnit, annotations and the page. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { at, base, configOf, sampleModel } from '../support/configs.js'
import { cache, host } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'
import { makeVitestFolder, startVitest } from '../support/vitest-folder.js'

/** Models may have to be compiled first, some of them with waveforms, on a busy machine. */
vi.setConfig({ testTimeout: 600_000 })

interface Told {
  status: string
  suite: string
  test: string
  message?: string
  directory: string
  attempts?: { attempt: number; status: string; log?: string }[]
}

interface Report {
  status: number
  stderr: string
  title: string
  page: string
  junit: string
  results: Told[]
  /** `TEST: STATUS`, in the order of the report. */
  lines: string[]
}

async function report(scratch: Scratch, ...folders: string[]): Promise<Report> {
  const [page = '', junit = '', json = ''] = ['page.html', 'junit.xml', 'report.json'].map((one) =>
    join(scratch.path, one),
  )
  const { status, stderr } = await trapline(scratch, [
    'report',
    '-o',
    page,
    '--junit',
    junit,
    '--json',
    json,
    ...folders,
  ])
  const { results } = JSON.parse(readFileSync(json, 'utf8')) as { results: Told[] }
  const text = readFileSync(page, 'utf8')
  return {
    ...{ status, stderr, results, page: text, junit: readFileSync(junit, 'utf8') },
    title: /<h1 class="(?:good|bad)">[^<]*/.exec(text)?.[0] ?? '',
    lines: results.map((one) => `${one.test}: ${one.status}`),
  }
}

/** Runs vitest on one file, or several, in a folder of their own. */
async function regression(
  scratch: Scratch,
  texts: string | Record<string, string>,
  flags: string[] = [],
  env: Record<string, string> = {},
) {
  const files = typeof texts === 'string' ? { 'some.test.js': texts } : texts
  const whole = Object.entries(files).map(([name, text]) => [
    name,
    `import { ${names} } from 'trapline/vitest'\n${text}`,
  ])
  const folder = makeVitestFolder(scratch, Object.fromEntries(whole) as Record<string, string>)
  const ended = await startVitest(scratch, folder, { TRAPLINE_CACHE: cache, ...env }, flags).ended
  return { ...ended, results: join(folder, 'trapline-results') }
}

const names = 'afterAll, beforeAll, describe, expect, test'
const registers = `test.override('setup', { config: ${JSON.stringify(configOf('axil_regs'))} })\n`

describe('tests that never ran', () => {
  /** What stands in a file, and what is said of it. */
  const files: Record<string, [string, string[]]> = {
    'before.test.js': [
      `describe('a suite', () => { beforeAll(() => { throw new Error('no cable') }); test('one', () => {}) })
       test('other', () => {})`,
      ['a suite > one: not-run', 'a suite can be set up and put away: error', 'other: passed'],
    ],
    'after.test.js': [
      `describe('a suite', () => { afterAll(() => { throw new Error('no cable') }); test('one', () => {}) })`,
      ['a suite > one: passed', 'a suite can be set up and put away: error'],
    ],
    'broken.test.js': [`import './gone.js'\ntest('one', () => {})`, ['can be loaded: error']],
    'ends.test.js': [`process.exit(0)\ntest('one', () => {})`, ['can be loaded: error']],
    'empty.test.js': ['', ['can be loaded: error']],
    // A failed one does not vanish behind one of the same name.
    'twice.test.js': [`test('one', () => expect(1).toBe(2))\ntest('one', () => {})`, ['one: failed', 'one: passed']],
  }

  it('are errors, whatever kept them from it', async () => {
    const scratch = makeScratch()
    const texts = Object.entries(files).map(([name, [text]]) => [name, text])
    const { exitCode, output, results } = await regression(scratch, Object.fromEntries(texts) as Record<string, string>)
    expect(exitCode, output).toBe(1)
    const told = await report(scratch, results)
    for (const [name, [, lines]] of Object.entries(files)) {
      const own = told.results.filter(({ suite }) => suite === name)
      expect(own.map(({ test, status }) => `${test}: ${status}`).sort(), name).toEqual(lines)
    }
    expect(told.title).toBe('<h1 class="bad">7 of 10 tests did not pass')
    expect(told.junit).toMatch(/<testsuites tests="10" failures="1" errors="6"/)
  })

  it('since an earlier one failed and --bail was given', async () => {
    const scratch = makeScratch()
    const text = `test('one', () => expect(1).toBe(2))\ntest('two', () => {})`
    const { lines, status, stderr } = await report(scratch, (await regression(scratch, text, ['--bail=1'])).results)
    expect(lines.sort()).toEqual(['one: failed', 'runs to its end: error', 'two: not-run'])
    expect(status, stderr).toBe(1)
  })

  it('since their worker was killed', async () => {
    const scratch = makeScratch()
    const text = `test('one', () => process.kill(process.pid, 'SIGKILL'))\ntest('two', () => {})`
    const { exitCode, output, results } = await regression(scratch, text)
    expect(exitCode, output).toBe(1)
    const { lines } = await report(scratch, results)
    expect(lines).toEqual(expect.arrayContaining(['one: not-run', 'two: not-run', 'unhandled error 1: error']))
  })

  it('all that were skipped on purpose are no green regression, but no red one either', async () => {
    const scratch = makeScratch()
    const { exitCode, results } = await regression(
      scratch,
      `test.skip('one', () => {})\ntest('two', ({ skip }) => skip())`,
    )
    expect(exitCode).toBe(0)
    const told = await report(scratch, results)
    expect(told).toMatchObject({ status: 0, title: '<h1 class="bad">no test ran (2 skipped)' })
  })

  it.each(['is a file', 'is full of other things'])('the folder of results %s', async (what) => {
    const scratch = makeScratch()
    const place = join(scratch.path, 'place')
    if (what === 'is a file') writeFileSync(place, '')
    else mkdirSync(join(place, 'thesis'), { recursive: true })
    const { exitCode, output } = await regression(scratch, `test('one', () => {})`, [], { TRAPLINE_RESULTS: place })
    expect(exitCode, output).not.toBe(0)
  })
})

describe('a test that passes when it is tried again', () => {
  const text = `${registers}
let round = 0
test('wakes up', { retry: 3 }, async ({ bench }) => {
  const run = await bench.run('busybox', ['devmem', '${at(4)}'])
  round++
  expect(run.stdout, 'round ' + round).toBe(round < 3 ? 'awake' : '0x54524150')
})
test('is right at once', { retry: 3 }, async ({ bench }) => expect(await bench.read('dut', 4)).toBe(0x54524150n))
`
  it('is flaky, and each attempt keeps its own evidence', async () => {
    const scratch = makeScratch()
    const { exitCode, output, results } = await regression(scratch, text)
    expect(exitCode, output).toBe(0)
    const told = await report(scratch, results)
    expect(told.lines).toEqual(['is right at once: passed', 'wakes up: flaky'])
    expect(told.title).toBe('<h1 class="good">all 2 tests passed (1 flaky)')
    expect(told.page).toMatch(/<details class="test flaky"[^>]* open>[^]*<td>2<\/td><td>failed<\/td>/)
    expect(told.junit).toMatch(/<testsuites tests="2" failures="0" errors="0"/)
    expect(told.junit).toContain('<property name="wakes up.flaky" value="passed at attempt 3"/>')
    expect(told.junit).toMatch(/attempt 1: failed\nattempt 2: failed\nattempt 3: passed/)
    const { attempts = [], directory = '' } = told.results[1] ?? {}
    expect(attempts.map((one) => `${one.attempt} ${one.status}`)).toEqual(['1 failed', '2 failed', '3 passed'])
    const logs = attempts.flatMap(({ log }) => log ?? [])
    expect(logs.map((log) => readFileSync(join(directory, log), 'utf8').match(/"seq":/g)?.length)).toEqual([1, 1])
    const kept = ['accesses.jsonl', 'output.txt', 'waves.fst', 'waves.gtkw', 'waves.sucl', 'waves.wavedrom.json']
    expect(readdirSync(join(directory, 'attempt-2')).sort()).toEqual(kept)
    const annotations = readFileSync(join(results, 'annotations.txt'), 'utf8')
    expect(annotations).toMatch(/^::warning file=some\.test\.js,line=\d+,title=some\.test\.js%3A wakes up::.*round 1/)
  })
})

describe('a bus that hangs', () => {
  const stuck = { ...configOf(sampleModel('axil_stuck', { Channel: 'AR' })), maxCycles: 200 }
  const sentence = /TIMEOUT on read of 4 bytes at dut\+0x10 .*: ARREADY stayed low for 200 cycles \(ARVALID=1 /

  /** `message` of the only one that did not pass, and what its element holds. */
  function verdictOf(junit: string): [string, string] {
    const match = /<(?:error|failure) type="error" message="([^"]*)">([^<]*)</.exec(junit)
    return [match?.[1] ?? '', match?.[2] ?? '']
  }

  it('is the headline of a run everywhere, and a run says what vitest says', async () => {
    const scratch = makeScratch()
    const config = scratch.write('c.json', stuck)
    const program = [host('loop'), '/dev/mem', `${base}`, '16', '1']
    const flags = ['--config', config, '--results', 'results']
    const { status, stderr, sentences } = await trapline(scratch, ['run', ...flags, '--', ...program])
    expect(status).toBe(125)
    expect(sentences.filter((one) => sentence.test(one)).length, stderr).toBeGreaterThan(0)
    const facts = sentences.map((one) => one.split(':')[0]?.replace(/\d+/g, 'N'))
    expect(facts.slice(-5)).toEqual(['seed N', 'access N', 'evidence', 'waves', 'repeat'])
    const { junit, page, results } = await report(scratch, join(scratch.path, 'results'))
    expect(results[0]?.message).toMatch(sentence)
    const [message, body] = verdictOf(junit)
    expect(message).toMatch(sentence)
    expect(body).toMatch(/^access 1: TIMEOUT on read .* by device_read32 \(device\.h:\d+\)/m)
    expect(body).toMatch(/^evidence: \S+results\/trapline-run-loop\S+$/m)
    expect(body).toMatch(/^repeat: TRAPLINE_SEED=\d+ npx trapline run --config \S+ --results results -- \S+loop /m)
    expect(/<p class="failing">(.*)<\/p>/.exec(page)?.[1]).toMatch(sentence)
  })

  it('is the headline of a test of vitest', async () => {
    const scratch = makeScratch()
    const text = `test.override('setup', { config: ${JSON.stringify(stuck)} })
test('reads', async ({ bench }) => { await bench.run('${host('loop')}', ['/dev/mem', '${base}', '16', '1']) })`
    const { exitCode, output, results } = await regression(scratch, text)
    expect(exitCode).toBe(1)
    expect(output).toMatch(sentence)
    const annotation = readFileSync(join(results, 'annotations.txt'), 'utf8')
    expect(annotation.split('%0A')[0]).toMatch(sentence)
    const { junit, page } = await report(scratch, results)
    expect(verdictOf(junit)[0]).toMatch(sentence)
    expect(verdictOf(junit)[1]).toMatch(/^access 1: TIMEOUT on read .* by device_read32 \(device\.h:\d+\)/m)
    expect(/<p class="failing">(.*)<\/p>/.exec(page)?.[1]).toMatch(sentence)
  })
})

describe('a test that does not look', () => {
  const loop = (offset: number, count: number) =>
    `bench.start('${host('loop')}', ['/dev/mem', '${base}', '${offset}', '${count}'])`
  const stuck = { ...configOf(sampleModel('axil_stuck', { Channel: 'AR' })), maxCycles: 200 }
  const dies = `process.kill((await bench.bridge.models.start('dut')).hello.pid, 'SIGKILL')
    await expect.poll(() => bench.failure, { timeout: 100_000 }).toBeDefined()`
  const body = (config: object, text: string) =>
    `test.override('setup', { config: ${JSON.stringify(config)} })\ntest('looks away', async ({ bench }) => { ` +
    `${text} })`
  const untilEnd = `await expect.poll(() => bench.bridge.monitor.busFailed, { timeout: 100_000 }).toBe(true)`
  const cases: [string, string, RegExp][] = [
    [
      'at a program that was ended by a hanging bus',
      body(stuck, `await ${loop(16, 1)}\n${untilEnd}`),
      /ARREADY stayed low/,
    ],
    ['at a model that died', body(configOf('axil_regs'), dies), /model dut was killed by SIGKILL/],
  ]
  it.each(cases)('%s has not passed', async (_name, text, cause) => {
    const scratch = makeScratch()
    const { exitCode, output, results } = await regression(scratch, text)
    expect(exitCode, output).toBe(1)
    const told = await report(scratch, results)
    expect(told.lines).toEqual(['looks away: error'])
    expect(told.results[0]?.message).toMatch(cause)
  })

  it('at a program that still runs passes, as does one that expects the failure', async () => {
    const scratch = makeScratch()
    const expects = `await expect((await ${loop(16, 1)}).ended).rejects.toThrow('ARREADY')`
    const text = `${body(stuck, expects)}\ntest('leaves', async ({ bench }) => { await ${loop(4, 1_000_000)} })`
    const { exitCode, output } = await regression(scratch, text)
    expect(exitCode, output).toBe(0)
  })
})

describe('a run with --results', () => {
  const failing = ['sh', '-c', `busybox devmem ${at(4)}; exit 3`]
  const passing = ['busybox', 'devmem', at(4)]

  async function run(scratch: Scratch, ...args: string[]) {
    const config = scratch.write('c.json', configOf('axil_regs'))
    return trapline(scratch, ['run', '--config', config, '--results', 'results', ...args])
  }

  it('that never came to its program is an error', async () => {
    const scratch = makeScratch()
    await run(scratch, '--', 'nosuchprogram')
    await run(scratch, '--model', 'nobody=nothing', '--', ...passing)
    await trapline(scratch, ['run', '--config', 'gone.json', '--results', 'results', '--', 'true'])
    const { results, title } = await report(scratch, join(scratch.path, 'results'))
    expect(results.map(({ status }) => status)).toEqual(['error', 'error', 'error'])
    expect(title).toBe('<h1 class="bad">3 of 3 tests did not pass')
  })

  it('that can not leave its summary has not passed', async () => {
    const scratch = makeScratch()
    const ended = await run(scratch, '--report', '/dev/full', '--', ...passing)
    expect(ended.status).toBe(125)
    const { lines, results } = await report(scratch, join(scratch.path, 'results'))
    expect(lines).toEqual([`busybox devmem ${at(4)}: error`])
    expect(results[0]?.message).toContain('/dev/full')
  })

  it('does not take away what another one of the same name has left', async () => {
    const scratch = makeScratch()
    const env = { TRAPLINE_TEST: 'suite::test' }
    const config = scratch.write('c.json', configOf('axil_regs'))
    for (const program of [failing, failing, passing])
      await trapline(scratch, ['run', '--config', config, '--results', 'results', '--', ...program], { env })
    const { lines, results } = await report(scratch, join(scratch.path, 'results'))
    expect(lines.sort()).toEqual(['test: failed', 'test: failed', 'test: passed'])
    expect(new Set(results.map(({ directory }) => directory)).size).toBe(3)
  })

  it('whose result was taken away, or whose mark is left, is an error of the report', async () => {
    const scratch = makeScratch()
    await run(scratch, '--', ...passing)
    const folder = join(scratch.path, 'results')
    expect(await report(scratch, folder)).toMatchObject({ status: 0, title: '<h1 class="good">the test passed' })
    await run(scratch, '--', ...failing)
    const before = await report(scratch, folder)
    expect(before).toMatchObject({ status: 0, title: '<h1 class="bad">1 of 2 tests did not pass' })
    const evidence = before.results.find(({ status }) => status === 'failed')?.directory ?? ''
    for (const name of readdirSync(evidence)) if (name.endsWith('.result.json')) rmSync(join(evidence, name))
    const lost = await report(scratch, folder)
    expect(lost).toMatchObject({ status: 1, title: '<h1 class="bad">1 of 2 tests did not pass' })
    expect(lost.junit).toMatch(/errors="1"[^]*holds the evidence of a test, but no result/)
    expect(lost.stderr).toContain(`${evidence} holds the evidence of a test, but no result`)
    expect((await report(scratch, evidence)).status).toBe(1)
    const mark = { format: 'trapline-result-1', suite: 's', test: 'hangs', status: 'begun', durationMs: 0 }
    writeFileSync(join(dirname(evidence), 'a.result.json'), JSON.stringify({ ...mark, startedAt: new Date() }))
    const begun = await report(scratch, folder)
    expect(begun).toMatchObject({ status: 1, title: '<h1 class="bad">2 of 3 tests did not pass' })
    expect(begun.junit).toContain('message="it was begun, and never came to its end')
  })

  it('that can leave no result does not run', async () => {
    const scratch = makeScratch()
    writeFileSync(join(scratch.path, 'results'), 'a file')
    const ended = await run(scratch, '--', 'sh', '-c', 'echo ran')
    expect(ended).toMatchObject({ status: 125, stdout: '' })
    expect(ended.sentences.join()).toMatch(/^the result can't be written to \S+results \(/)
  })
})
