/** A regression whose tests swap a Verilator model for one under cocotb: verdicts, evidence and the page are right. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { base } from '../support/configs.js'
import { cache, commandLine, root } from '../support/places.js'
import { environment, hasPython, packageFolder, pythonEnv, pythonTool, unlessPython } from '../support/python.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'
import { makeVitestFolder, startVitest } from '../support/vitest-folder.js'

const timeout = 600_000
const core = { top: 'shared_regs', sources: [join(root, 'test/e2e/cores/shared_regs.v')] }
const config = {
  models: { rtl: core, sim: { kind: 'cocotb', simulator: 'icarus', venv: environment, ...core } },
  devices: { dut: { kind: 'mem', path: '/dev/mem', base, size: 0x1000, model: 'rtl' } },
}
const at = (offset: number) => `0x${(base + offset).toString(16)}`
const program = `busybox devmem ${at(0)} 32 7; busybox devmem ${at(4)}`

const inVitest = `import { describe, expect, test } from 'trapline/vitest'
describe.each(['rtl', 'sim'])('on %s', (model) => {
  test.override('setup', { config: 'trapline.config.json', models: { rtl: model } })
  test('passes', async ({ bench }) => {
    expect((await bench.run('sh', ['-c', '${program}'])).stdout).toBe('0x54524150')
  })
  test('fails', async ({ bench }) => {
    const run = await bench.run('sh', ['-c', '${program}'])
    expect(run).toHaveAccessed({ operation: 'read', device: 'dut', offset: 4, value: 1 })
  })
})
`
const inPytest = `import pytest
from trapline.pytest_plugin import assert_accessed

@pytest.fixture(params=['rtl', 'sim'])
def trapline_setup(request):
    return {'config': 'trapline.config.json', 'models': {'rtl': request.param}}

def test_passes(trapline_run):
    assert trapline_run('sh', ['-c', '${program}']).stdout == '0x54524150\\n'

def test_fails(trapline_run):
    run = trapline_run('sh', ['-c', '${program}'])
    assert_accessed(run, [{'operation': 'read', 'device': 'dut', 'offset': 4, 'value': 1}])

def test_bench(trapline_bench):
    trapline_bench.write('dut', 0, 9)
    assert trapline_bench.read('dut', 0) == 9
`

interface Result {
  test: string
  suite: string
  status: string
  seed: number
  repeat: string
  failingAccess?: { seq: number; message: string }
  log?: string
  waves?: { file: string }
  properties?: Record<string, string>
}

/** Results by `SUITE > TEST`, as `trapline report` tells them; they are the same in the JUnit that it writes. */
async function report(scratch: Scratch, folder: string, verdicts: Record<string, string>) {
  const file = (name: string) => join(scratch.path, name)
  const [json, junit, page] = [file('all.json'), file('junit.xml'), file('page.html')]
  const args = ['report', '--json', json, '--junit', junit, '-o', page, folder]
  const { status, stderr } = await trapline(scratch, args)
  expect(status, stderr).toBe(0)
  const { results } = JSON.parse(readFileSync(json, 'utf8')) as { results: Result[] }
  expect(Object.fromEntries(results.map((one) => [one.test, one.status]))).toEqual(verdicts)
  const failed = results.filter((one) => one.status !== 'passed')
  expect(readFileSync(junit, 'utf8')).toContain(`tests="${results.length}" failures="${failed.length}" errors="0"`)
  expect(readFileSync(page, 'utf8')).toContain(`${failed.length} of ${results.length} tests did not pass`)
  for (const { failingAccess, test } of failed)
    expect(failingAccess, test).toMatchObject({
      seq: 2,
      message: expect.stringContaining('read dut+0x4 4 B = 0x54524150'),
    })
  return (test: string) => results.find((one) => one.test === test)
}

/** That of RTL in Verilator has a waveform, that of a simulation under cocotb the reason why it has none. */
function checkEvidence(ofRtl: Result | undefined, ofSim: Result | undefined): void {
  expect(ofRtl?.waves?.file).toBe('waves.fst')
  expect(ofSim?.waves).toBeUndefined()
  expect(ofSim?.properties?.waves).toMatch(/^none: .*cocotb/)
  expect([ofRtl?.log, ofSim?.log]).toEqual(['accesses.jsonl', 'accesses.jsonl'])
}

describe.runIf(hasPython)(`models are swapped in${unlessPython}`, () => {
  it('vitest', { timeout }, async () => {
    const scratch = makeScratch()
    const files = { 'swaps.test.js': inVitest, 'trapline.config.json': JSON.stringify(config) }
    const folder = makeVitestFolder(scratch, files)
    const { exitCode, output } = await startVitest(scratch, folder, { TRAPLINE_CACHE: cache }).ended
    expect(exitCode, output).toBe(1)
    expect(output).toMatch(/2 failed.*2 passed.*\(4\)/)
    const verdicts = { passes: 'passed', fails: 'failed' }
    const all = ['rtl', 'sim'].flatMap((model) => Object.entries(verdicts).map(([t, v]) => [`on ${model} > ${t}`, v]))
    const resultOf = await report(scratch, join(folder, 'trapline-results'), Object.fromEntries(all))
    checkEvidence(resultOf('on rtl > fails'), resultOf('on sim > fails'))

    const { repeat, seed } = resultOf('on sim > fails') ?? { repeat: '', seed: 0 }
    const again = await execa('sh', ['-c', repeat], {
      ...{ cwd: folder, reject: false, all: true, env: { TRAPLINE_CACHE: cache, NO_COLOR: '1', VITEST: '' } },
    })
    expect(again.all).toContain(`seed ${seed}`)
    expect(again.all).toMatch(/1 failed.*3 skipped/)
  })

  it('pytest, on several workers', { timeout }, async () => {
    const scratch = makeScratch()
    scratch.write('trapline.config.json', config)
    scratch.write('test_swaps.py', inPytest)
    const args = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '-n', '2', '--trapline-results', 'results']
    const { exitCode, all } = await execa(pythonTool('python'), args, {
      ...{ cwd: scratch.path, reject: false, all: true },
      env: { ...pythonEnv, PYTHONPATH: join(packageFolder, 'src'), TRAPLINE: commandLine, TRAPLINE_CACHE: cache },
    })
    expect(exitCode, all).toBe(1)
    expect(all).toMatch(/2 failed, 4 passed/)
    const verdicts = { passes: 'passed', fails: 'failed', bench: 'passed' }
    const cases = ['rtl', 'sim'].flatMap((model) =>
      Object.entries(verdicts).map(([t, v]) => [`test_${t}[${model}]`, v]),
    )
    const resultOf = await report(scratch, join(scratch.path, 'results'), Object.fromEntries(cases))
    checkEvidence(resultOf('test_fails[rtl]'), resultOf('test_fails[sim]'))
  })
})
