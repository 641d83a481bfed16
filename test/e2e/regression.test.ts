/** The regression bench: a driver, three variants of its RTL, and what is handed over when one of them is bad. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { makeCheckout } from '../support/checkout.js'
import { cache, root } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'

/** Models may have to be compiled first, some of them with waveforms, on a busy machine. */
const longestMs = 400_000
const example = join(root, 'examples/regression')

interface Regression {
  folder: string
  exitCode: number | undefined
  output: string
}

/** Runs a program in a copy of the example. */
async function regression(program: string[], env: Record<string, string> = {}, folder = copy()): Promise<Regression> {
  const [name = '', ...args] = program
  const { exitCode, all } = await execa(name, args, {
    ...{ cwd: folder, all: true, reject: false, stdin: 'ignore', timeout: longestMs - 10_000 },
    env: {
      TRAPLINE_CACHE: cache,
      npm_config_update_notifier: 'false',
      NO_COLOR: '1',
      VITEST: '',
      TRAPLINE_MASTER_SEED: '7',
      ...env,
    },
  })
  return { folder, exitCode, output: String(all) }
}

const copy = () => join(makeCheckout(), 'examples/regression')
const vitest = ['npx', 'vitest', 'run']

function resultsIn(folder: string): string[] {
  return readdirSync(join(folder, 'trapline-results'), { recursive: true, encoding: 'utf8' }).sort()
}

/** Exit status of xmllint: 0 if the file holds to the schema. */
async function validate(file: string): Promise<string> {
  const schema = join(root, 'test/bridge/regression/junit.xsd')
  const { exitCode, stderr } = await execa('xmllint', ['--noout', '--schema', schema, file], { reject: false })
  return exitCode === 0 ? 'valid' : String(stderr)
}

const failing = 'read fifo0+0x0 4 B = 0xf1f0000f  in check (fifo_test.c:27)'

describe('the regression of the examples', { timeout: longestMs }, () => {
  it('vitest finds the planted bug and hands over its evidence, and of nothing else', async () => {
    const { folder, exitCode, output } = await regression(vitest)
    expect(exitCode, output).toBe(1)
    expect(output).toContain(`access 19: ${failing}`)
    expect(output).toMatch(/2 passed.*\(3\)/)
    const files = resultsIn(folder)
    const bad = files.find((file) => /^fifo.test-the-bad-one-\S+$/.test(file)) ?? 'none'
    const evidence = readdirSync(join(folder, 'trapline-results', bad)).filter((file) => !file.endsWith('.result.json'))
    expect(evidence.sort()).toEqual([
      'accesses.jsonl',
      'output.txt',
      'waves.fst',
      'waves.gtkw',
      'waves.sucl',
      'waves.wavedrom.json',
    ])
    expect(files.filter((file) => /accesses|waves|output/.test(file)).length).toBe(evidence.length)
    const junit = join(folder, 'trapline-results/junit.xml')
    expect(await validate(junit)).toBe('valid')
    expect(readFileSync(junit, 'utf8')).toMatch(/<testsuites tests="3" failures="1" errors="0"/)
  })

  it('pytest finds it too, and one page tells both', async () => {
    const { folder, exitCode, output } = await regression(['python3', '-m', 'pytest', '-q', '-p', 'no:cacheprovider'])
    expect(exitCode, output).toBe(1)
    expect(output).toMatch(/1 failed, 3 passed/)
    const scratch = makeScratch()
    const page = join(scratch.path, 'page.html')
    const made = await trapline(scratch, ['report', '-o', page, join(folder, 'trapline-results')])
    expect(made.status, made.stderr).toBe(0)
    const text = readFileSync(page, 'utf8')
    expect(text).toContain('1 of 3 tests did not pass')
    expect(text).toContain(`access 19: ${failing}, cycles 75 to 77`)
    expect(text).toContain('arvalid')
  })

  it('the printed command repeats exactly the test that failed, cycle by cycle', async () => {
    const { folder, output } = await regression(vitest, { TRAPLINE_MASTER_SEED: '99' })
    const seed = /^seed (\d+)$/m.exec(output)?.[1]
    const command = /^repeat: (.*)$/m.exec(output)?.[1] ?? ''
    const logOf = (results: string[]) => {
      const file = results.find((name) => name.endsWith('accesses.jsonl')) ?? ''
      return readFileSync(join(folder, 'trapline-results', file), 'utf8').replace(/"(pid|tid)":\d+|"pc":"\w+"/g, '')
    }
    const before = logOf(resultsIn(folder))
    const again = await regression(['sh', '-c', command], { TRAPLINE_MASTER_SEED: '' }, folder)
    expect(again.output).toContain(`seed ${seed}`)
    expect(again.output).toMatch(/1 failed.*2 skipped.*\(3\)/)
    expect(logOf(resultsIn(folder))).toBe(before)
  })

  it('coverage tells what the driver never touched', async () => {
    const { folder } = await regression([...vitest, '-t', 'the good one'], { TRAPLINE_COVERAGE: '1' })
    const scratch = makeScratch()
    const [page, lcov] = [join(scratch.path, 'page.html'), join(scratch.path, 'cover.info')]
    const made = await trapline(scratch, ['report', '-o', page, '--lcov', lcov, join(folder, 'trapline-results')])
    expect(made.status, made.stderr).toBe(0)
    const refusal =
      readFileSync(join(example, 'fifo.sv'), 'utf8')
        .split('\n')
        .findIndex((line) => /default:/.test(line)) + 1
    expect(readFileSync(lcov, 'utf8')).toMatch(new RegExp(`SF:fifo.sv\\n(DA.*\\n)*DA:${refusal},0\\n`))
    expect(readFileSync(page, 'utf8')).toMatch(/<td>fifo.sv<\/td><td>\d+ of \d+ \(\d+ %\)/)
  })
})

describe('a crash is red', { timeout: longestMs }, () => {
  const crashes: [string, string, RegExp][] = [
    ['the host', `await bench.run('sh', ['-c', 'kill -SEGV $$'])\n    expect(1).toBe(2)`, /failures="1" errors="0"/],
    [
      'the model',
      `process.kill((await bench.bridge.models.start('fifo')).hello.pid, 'SIGKILL')\n    await bench.read('fifo0', 4)`,
      /failures="0" errors="1"/,
    ],
    ['the bridge', `process.kill(process.pid, 'SIGKILL')\n    await bench.read('fifo0', 4)`, /errors="[1-9]/],
  ]
  it.each(crashes)('of %s', async (_name, body, counts) => {
    const folder = copy()
    writeFileSync(
      join(folder, 'fifo.test.ts'),
      `import { expect, test } from 'trapline/vitest'\n  test('crashes', async ({ bench }) => {\n    ${body}\n  })\n` +
        `  test('is planned', () => expect(1).toBe(1))\n`,
    )
    const { exitCode, output } = await regression(vitest, {}, folder)
    expect(exitCode, output).not.toBe(0)
    const junit = join(folder, 'trapline-results/junit.xml')
    expect(await validate(junit)).toBe('valid')
    expect(readFileSync(junit, 'utf8')).toMatch(counts)
  })
})

describe('variants of one device', { timeout: longestMs }, () => {
  it('diff, lockstep and replay name the same access', async () => {
    const folder = copy()
    await execa('gcc', ['-g', '-o', 'fifo_test', 'fifo_test.c'], { cwd: folder })
    const scratch = makeScratch()
    const run = (...args: string[]) => trapline(scratch, args, { cwd: folder })
    await run('run', '--seed', '1', '--log', 'good.jsonl', '--', './fifo_test')
    await run('run', '--seed', '1', '--model', 'fifo=fifo_bad', '--log', 'bad.jsonl', '--', './fifo_test')
    const differing = await run('diff', 'good.jsonl', 'bad.jsonl')
    expect([differing.status, differing.stdout.split('\n')[0]]).toEqual([1, 'access 19 differs: value'])
    const replayed = await run('replay', '--model', 'fifo=fifo_bad', 'good.jsonl')
    expect(replayed.stdout).toMatch(/^access 19: read fifo0\+0x0 4 B: expected 0xf1f00000, got 0xf1f0000f/)
    const flags = ['--seed', '1', '--model', 'fifo=fifo_bad', '--lockstep', 'fifo_golden', '--log', 'lock.jsonl']
    const locked = await run('run', ...flags, '--', './fifo_test')
    expect(locked.status).toBe(125)
    expect(locked.sentences.find((sentence) => !sentence.startsWith('--lane'))).toBe(
      'lockstep: read of 4 bytes at fifo0+0x0, cycles 75 to 77: the RTL gives 0xf1f0000f, the golden model 0xf1f00000',
    )
    expect(readFileSync(join(folder, 'lock.jsonl'), 'utf8').trim().split('\n').length).toBe(19)
  })

  it('a golden model stands in for RTL, and agrees with a good one', async () => {
    const folder = copy()
    await execa('gcc', ['-g', '-o', 'fifo_test', 'fifo_test.c'], { cwd: folder })
    const scratch = makeScratch()
    const run = (...flags: string[]) => trapline(scratch, ['run', ...flags, '--', './fifo_test'], { cwd: folder })
    expect(await run('--model', 'fifo=fifo_golden')).toMatchObject({ status: 0, stdout: '16 words went through\n' })
    expect(await run('--lockstep', 'fifo_golden')).toMatchObject({ status: 0 })
    const small = await run('--set', 'Depth=4', '--lockstep', 'fifo=fifo_golden')
    expect(small).toMatchObject({ status: 0, stdout: '4 words went through\n' })
    expect((await run('--lockstep', 'nobody')).sentences).toEqual([
      'models.fifo.lockstep: no other model is called nobody; others are fifo_golden, fifo_bad, fifo_small',
    ])
  })
})

it('32 runs of one model at once are as one alone', { timeout: longestMs }, async () => {
  const folder = copy()
  await execa('gcc', ['-g', '-o', 'fifo_test', 'fifo_test.c'], { cwd: folder })
  const scratch = makeScratch()
  const run = async (name: string) => {
    const files = ['--log', `${name}.jsonl`, '--trace', `${name}.fst`, '--report', `${name}.json`]
    const ended = await trapline(scratch, ['run', '--seed', '3', ...files, '--', './fifo_test'], { cwd: folder })
    const log = readFileSync(join(folder, `${name}.jsonl`), 'utf8').replace(/"(pid|tid)":\d+|"pc":"\w+"/g, '')
    const report = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as { models: { cached: boolean }[] }
    return { status: ended.status, log, cached: report.models.map(({ cached }) => cached) }
  }
  const alone = { ...(await run('alone')), cached: [true] }
  const all = await Promise.all(Array.from({ length: 32 }, (_, i) => run(`run${i}`)))
  for (const one of all) expect(one).toEqual(alone)
})
