/**
 * `serve --run-dir`: programs that were started without Trapline's command line find a bridge by a name known
 * beforehand.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, lchownSync, lstatSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it, onTestFinished } from 'vitest'
import { at, base, configOf } from '../support/configs.js'
import { processesOf } from '../support/leftovers.js'
import { nobody } from '../support/nobody.js'
import { agent } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { startTrapline, trapline } from '../support/trapline.js'

function flagsIn(scratch: Scratch, config: TraplineConfig = configOf('axil_regs')): string[] {
  return ['serve', '--config', scratch.write('c.json', config), '--run-dir', join(scratch.path, 'rd')]
}

async function serve(scratch: Scratch, config?: TraplineConfig, flags: string[] = []) {
  const bridge = startTrapline(scratch, [...flagsIn(scratch, config), ...flags])
  onTestFinished(async () => {
    bridge.kill('SIGTERM')
    await bridge.ended
  })
  await bridge.untilStdout(/^unix:.+$/m)
  return bridge
}

/** Only the agent and its environment: no command line of ours on this side. */
function startAlone(scratch: Scratch, [program = '', ...args]: string[], more: Record<string, string> = {}) {
  const directory = join(scratch.path, 'rd')
  const env = { LD_PRELOAD: agent, TRAPLINE_BRIDGE: `unix:${directory}/bridge.sock`, TRAPLINE_RUN_DIR: directory }
  return execa(program, args, { env: { ...env, ...more }, reject: false })
}

async function readRegister(scratch: Scratch): Promise<string> {
  return (await startAlone(scratch, ['busybox', 'devmem', at(4), '32'])).stdout
}

it('the link follows the bridge, and goes with it', async () => {
  const scratch = makeScratch()
  const bridge = await serve(scratch)
  expect(await readRegister(scratch)).toMatch(/^0x[\dA-F]{8}$/)
  bridge.kill('SIGTERM')
  expect((await bridge.ended).status).toBe(0)
  expect(readdirSync(scratch.path).filter((name) => /^rd|^trapline-/.test(name))).toEqual([])
})

it('a bridge that is killed leaves a link to nowhere, and the next one takes it', async () => {
  const scratch = makeScratch()
  const bridge = await serve(scratch)
  const folder = join(scratch.path, readlinkSync(join(scratch.path, 'rd')))
  bridge.kill('SIGKILL')
  await bridge.ended
  await expect.poll(() => existsSync(folder)).toBe(false)
  await serve(scratch)
  expect(await readRegister(scratch)).toMatch(/^0x/)
})

it('what a container left that was killed is put away', async () => {
  const scratch = makeScratch()
  mkdirSync(join(scratch.path, 'trapline-former'))
  symlinkSync('trapline-former', join(scratch.path, 'rd'))
  await serve(scratch)
  expect(await readRegister(scratch)).toMatch(/^0x/)
  expect(existsSync(join(scratch.path, 'trapline-former'))).toBe(false)
})

it('a place of another bridge, or of other things, is refused', async () => {
  const scratch = makeScratch()
  await serve(scratch)
  const second = await trapline(scratch, flagsIn(scratch))
  expect(second).toMatchObject({ status: 125, sentences: [expect.stringMatching(/there is one in use/)] })
  expect(await readRegister(scratch)).toMatch(/^0x/)
  const folder = [...flagsIn(scratch).slice(0, -1), scratch.folder()]
  const third = await trapline(scratch, folder)
  expect(third).toMatchObject({ status: 125, sentences: [expect.stringMatching(/is there already and not ours/)] })
})

/** Of another user, who can make them: in a folder that both can write into. */
describe.skipIf(process.getuid?.() !== 0)(
  'what a stranger has put there is neither followed nor taken away (needs root)',
  () => {
    const victim = 'trapline-victim'

    it.each<[string, (scratch: Scratch) => void]>([
      ['a link of his to a folder of ours', ({ path }) => lchownSync(linkTo(path, victim), nobody, nobody)],
      [
        'a link to a folder of his',
        ({ path }) => chownSync(join(path, linkTo(path, victim) && victim), nobody, nobody),
      ],
      [
        'a link to a folder that others can write into',
        ({ path }) => chmodSync(join(path, linkTo(path, victim) && victim), 0o777),
      ],
      [
        'a link to a file',
        ({ path }) => void (linkTo(path, 'trapline-file') && writeFileSync(join(path, 'trapline-file'), '')),
      ],
      [
        'a link to a link',
        ({ path }) => void (linkTo(path, 'trapline-link') && symlinkSync(victim, join(path, 'trapline-link'))),
      ],
    ])('%s', async (_name, prepare) => {
      const scratch = makeScratch()
      mkdirSync(join(scratch.path, victim))
      scratch.write(`${victim}/diary`, 'precious')
      prepare(scratch)
      const { status, sentences } = await trapline(scratch, flagsIn(scratch))
      expect([status, sentences]).toEqual([125, [expect.stringMatching(/and not ours, or leads to what is not ours/)]])
      expect(readFileSync(join(scratch.path, victim, 'diary'), 'utf8')).toBe('precious')
      expect(lstatSync(join(scratch.path, 'rd')).isSymbolicLink()).toBe(true)
    })
  },
)

/** Returns its path. */
function linkTo(folder: string, target: string): string {
  const link = join(folder, 'rd')
  symlinkSync(target, link)
  return link
}

describe('what a host puts into its run directory does not hold the launcher up', () => {
  const config = configOf('axil_regs')

  it.each([
    [
      'a FIFO for programs that ran without the agent',
      'mkfifo $TRAPLINE_RUN_DIR/untrapped',
      0,
      /is not a regular file$/,
    ],
    [
      'a FIFO for the ledger',
      'cd $TRAPLINE_RUN_DIR; rm ledger; mkfifo ledger',
      125,
      /has taken the ledger of the run away \(.*regular/,
    ],
    ['no ledger', 'rm $TRAPLINE_RUN_DIR/ledger', 125, /has taken the ledger of the run away \(it is gone\)/],
  ])('%s', async (_name, script, status, sentence) => {
    const scratch = makeScratch()
    const file = scratch.write('c.json', config)
    const flags = ['--config', file, '--log', join(scratch.path, 'log.jsonl')]
    const ended = await trapline(scratch, ['run', ...flags, '--', 'sh', '-c', script])
    expect(ended.status).toBe(status)
    expect(ended.sentences).toContainEqual(expect.stringMatching(sentence))
  })

  it('FIFOs where a model that is not there yet will write', async () => {
    const scratch = makeScratch()
    const bridge = startTrapline(scratch, flagsIn(scratch, config))
    onTestFinished(async () => {
      bridge.kill('SIGTERM')
      await bridge.ended
    })
    await bridge.untilStdout(/^unix:.+$/m)
    for (const name of ['dut.output.log', 'dut.raw.jsonl', 'dut.events.jsonl'])
      execFileSync('mkfifo', [join(scratch.path, 'rd', name)])
    expect(await readRegister(scratch)).toMatch(/^0x[\dA-F]{8}$/)
  })
})

const silence = /^trapline: .*the bridge has said nothing for as long as TRAPLINE_SILENCE_LIMIT allows; look whether/m

/** Reads a register for ever, and says so once it has read it. */
const reading = `
import mmap, os
window = mmap.mmap(os.open('/dev/mem', os.O_RDWR), 4096, offset=${base})
registers = memoryview(window).cast('I')
for _ in range(10): registers[1]
print('reading', flush=True)
while True: registers[1]
`

it.each(['grpc', 'shm'])('a host that nobody looks after ends by itself when all is stopped, lane %s', async (lane) => {
  const scratch = makeScratch()
  const bridge = await serve(scratch, undefined, ['--lane', lane])
  await readRegister(scratch)
  const running = startAlone(scratch, ['python3', '-c', reading], { TRAPLINE_SILENCE_LIMIT: '2' })
  await new Promise((resolve) => running.stdout.once('data', resolve))
  const models = processesOf(bridge.temporary).filter(({ executable }) => executable.endsWith('/model'))
  expect(models).toHaveLength(1)
  const all = [bridge, ...models]
  for (const one of all) process.kill(one.pid, 'SIGSTOP')
  const { exitCode, stderr } = await running
  for (const one of all) process.kill(one.pid, 'SIGCONT')
  expect(stderr).toMatch(silence)
  expect(exitCode).toBe(125)
})

it('a bridge whose model simulates for long is not silent', async () => {
  const scratch = makeScratch()
  await serve(scratch, { ...configOf('axil_stuck'), maxCycles: 50_000_000 })
  const read = ['busybox', 'devmem', at(16), '32']
  const { stderr } = await startAlone(scratch, read, { TRAPLINE_SILENCE_LIMIT: '2' })
  expect(stderr).not.toMatch(silence)
})

it('a limit that is none is refused', async () => {
  const scratch = makeScratch()
  await serve(scratch)
  const { exitCode, stderr } = await startAlone(scratch, ['true'], { TRAPLINE_SILENCE_LIMIT: '1' })
  expect(stderr).toBe("trapline: TRAPLINE_SILENCE_LIMIT is '1', but must be seconds from 2 to 86400")
  expect(exitCode).toBe(125)
})
