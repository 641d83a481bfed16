/** What `--patch` says of what it has done, and of what it could not do. */
import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { base, configOf } from '../support/configs.js'
import { asNobody, canBecomeNobody, needsNobody, nobody } from '../support/nobody.js'
import { host, root } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, startTrapline, type Options } from '../support/trapline.js'

const regs = configOf('axil_regs')
const [count, after] = [200, 3]
const often = { TRAPLINE_PATCH_AFTER: String(after) }
const program = (mode: string) => [host('patched'), mode, '/dev/mem', `${base}`, `${count}`]
const kept = { status: 0, stdout: 'threads: 0 wrong, code kept\n' }

function patchWords({ sentences }: { sentences: string[] }): string[] {
  return sentences.filter((sentence) => /patch/.test(sentence))
}

/** As a text that a sentence is to match. */
const exactly = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)

it('what was patched is counted, and what could not be, with the reason', async () => {
  const report = join(makeScratch().path, 'report.json')
  const flags = ['--patch', '--report', report]
  const ended = await runHost(makeScratch(), regs, program('kept'), { flags, env: often })
  expect(ended).toMatchObject({ status: 0, stdout: 'kept: 10203cc\n' })
  const reason = (why: string, instruction: string, at: string) =>
    `${exactly(`1 ${why} (${count - after} more traps: ${instruction} at ${at}`)}[0-9a-f]+${exactly(')')}`
  const reasons = [
    reason('of a form that keeps trapping', 'lock add dword ptr [rdi], 0x01', 'patched+0x'),
    reason('without room for a jump', 'mov eax, [rdi]', 'patched+0x'),
    reason("in code that is no file's, or that can be written", 'mov eax, [rdi]', '0x'),
  ]
  const words = `--patch: 1 instruction was patched; 3 that trapped ${after} times could not be: `
  expect(patchWords(ended)).toEqual([expect.stringMatching(new RegExp(`^${exactly(words)}${reasons.join('; ')}$`))])
  const { patches } = JSON.parse(readFileSync(report, 'utf8')) as { patches: { patched: number; unpatched: object[] } }
  expect(patches.patched).toBe(1)
  expect(patches.unpatched).toMatchObject(reasons.map(() => ({ instructions: 1, traps: count - after })))
})

it('none traps often enough', async () => {
  const env = { TRAPLINE_PATCH_AFTER: '1000' }
  const ended = await runHost(makeScratch(), regs, program('kept'), { flags: ['--patch'], env })
  expect(patchWords(ended)).toEqual(['--patch: no instruction was patched, for none trapped 1000 times'])
})

it('`patch: true` of a file gives way to --lane grpc', async () => {
  const flags = ['--lane', 'grpc']
  const ended = await runHost(makeScratch(), { ...regs, patch: true }, program('threads'), { flags, env: often })
  expect(ended).toMatchObject(kept)
  expect(patchWords(ended)).toEqual([
    '`patch: true` is not used: it needs memory shared with the models, and --lane (or TRAPLINE_LANE) says grpc',
  ])
})

it('in lockstep nothing is patched, which is said once', async () => {
  const { dut } = regs.models as Record<'dut', TraplineConfig['models'][string]>
  const models = { dut: { ...dut, lockstep: 'twin' }, twin: dut } as TraplineConfig['models']
  const ended = await runHost(makeScratch(), { ...regs, models }, program('threads'), {
    flags: ['--patch'],
    env: often,
  })
  expect(ended).toMatchObject(kept)
  expect(patchWords(ended)).toEqual([expect.stringMatching(/^--lane shm is not used: lockstep .* nothing is patched$/)])
})

/** A program on a bridge that serves. */
async function runServed(lane: string, options: Options = {}) {
  const scratch = makeScratch()
  const config = scratch.write('c.json', regs)
  const bridge = startTrapline(scratch, ['serve', '--config', config, '--lane', lane, '--listen', '127.0.0.1:0'])
  onTestFinished(async () => {
    bridge.kill('SIGINT')
    await bridge.ended
  })
  const [address] = await bridge.untilStdout(/^127\.0\.0\.1:\d+$/m)
  const args = ['run', '--bridge', address, '--patch', '--', ...program('threads')]
  const own = makeScratch()
  chmodSync(own.path, 0o777)
  return startTrapline(own, args, { cwd: root, ...options, env: often }).ended
}

describe('on a bridge that runs elsewhere', () => {
  it('with mailboxes, instructions are patched', async () => {
    const ended = await runServed('shm')
    expect(ended).toMatchObject({ status: 0, stdout: 'threads: 0 wrong, code changed\n' })
    expect(patchWords(ended)).toEqual(['--patch: 1 instruction was patched'])
  })

  it('without mailboxes, none is', async () => {
    const ended = await runServed('grpc')
    expect(ended).toMatchObject(kept)
    expect(patchWords(ended)).toEqual([
      expect.stringMatching(/^--patch does nothing for process \d+: the bridge gives it no mailbox, .* --lane shm/),
      expect.stringMatching(/^--patch: no instruction was patched; 1 that .*: 1 whose accesses go by gRPC.* \(/),
    ])
  })

  it.skipIf(!canBecomeNobody)(`with mailboxes that can't be opened, none is (${needsNobody})`, async () => {
    const ended = await runServed('shm', { wrapper: asNobody, owner: nobody })
    expect(ended, ended.stderr).toMatchObject(kept)
    expect(patchWords(ended)).toEqual([
      expect.stringMatching(
        /^the model's mailbox .*\.lane can't be used here \(.+\), so accesses of process \d+ go by/,
      ),
      expect.stringMatching(/^--patch: no instruction was patched; 1 that .*: 1 whose accesses go by gRPC.* \(/),
    ])
  })
})
