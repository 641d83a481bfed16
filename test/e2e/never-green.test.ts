/**
 * What Trapline itself ends is never green, whatever the program makes of it; the line names the process and the
 * reason.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { joined } from '../support/patterns.js'
import { host, root, sampleRtl } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { startTrapline, trapline } from '../support/trapline.js'

const hole = 0x100
const config = configOf('axil_regs', { onError: 'abort' })

/** A child that the agent ends, in a program that does not care. */
const children: [string, string[], RegExp][] = [
  [
    'the error policy',
    [host('poke'), '/dev/mem', `${base}`, `${hole}`, '4'],
    /^poke \(pid \d+\) was ended by Trapline: device dut has the error policy 'abort'$/,
  ],
  [
    'an instruction that no bus can carry out',
    [host('refused'), '/dev/mem', `${base}`],
    joined(
      /^refused \(pid \d+\) was ended by Trapline: the instruction 'xsave .*' at pc 0x[0-9a-f]+ can't be run on a /,
      /device window$/,
    ),
  ],
]

describe.each(children)('a child ended by %s', (_name, command, sentence) => {
  const program = ['sh', '-c', `${command.join(' ')}; exit 0`]

  it('makes the run 125', async () => {
    const scratch = makeScratch()
    const [file, report] = [scratch.write('c.json', config), join(scratch.path, 'report.json')]
    const ended = await trapline(scratch, ['run', '--config', file, '--report', report, '--', ...program])
    const { failure, exitStatus } = JSON.parse(readFileSync(report, 'utf8')) as Record<string, unknown>
    expect([ended.status, exitStatus]).toEqual([125, 125])
    expect(ended.sentences).toContainEqual(expect.stringMatching(sentence))
    expect(failure).toMatch(sentence)
  })

  it('beside a bridge of its own, too', async () => {
    const scratch = makeScratch()
    const bridge = startTrapline(scratch, ['serve', '--config', scratch.write('c.json', config)])
    const [address] = await bridge.untilStdout(/^unix:.+$/m)
    const ended = await trapline(scratch, ['run', '--bridge', address, '--', ...program])
    expect(ended.status).toBe(125)
    expect(ended.sentences).toContainEqual(expect.stringMatching(sentence))
    bridge.kill('SIGTERM')
    expect((await bridge.ended).status).toBe(0)
  })
})

it('many of them are counted', async () => {
  const scratch = makeScratch()
  const poke = `${host('poke')} /dev/mem ${base} ${hole} 4`
  const program = ['sh', '-c', `i=0; while [ $i -lt 35 ]; do ${poke}; i=$((i + 1)); done; exit 0`]
  const { status, sentences } = await trapline(scratch, [
    ...['run', '--config', scratch.write('c.json', config), '--', ...program],
  ])
  expect(status).toBe(125)
  expect(sentences.filter((sentence) => sentence.startsWith('poke (pid '))).toHaveLength(32)
  expect(sentences).toContain('3 more processes were ended by Trapline')
})

it('a model that fails while it ends, by a final block say, is not green either', async () => {
  const scratch = makeScratch()
  const sources = [join(root, 'test/hdl/cores/trouble.sv'), sampleRtl('axil_ram')]
  const file = scratch.write('c.json', configOf({ top: 'trouble', sources, parameters: { Kind: 5 } }))
  const { status, sentences } = await trapline(scratch, ['run', '--config', file, '--', 'busybox', 'devmem', `${base}`])
  expect(sentences).toContainEqual(
    expect.stringMatching(/^model dut ended by a failed assertion at trouble\.sv:\d+, .*work was left over/),
  )
  expect(status).toBe(125)
})

const asOther = 'setpriv --reuid=65534 --regid=65534 --clear-groups'

it.skipIf(process.getuid?.() !== 0)('a child as a user who can not reach the run (needs root)', async () => {
  const scratch = makeScratch()
  const file = scratch.write('c.json', config)
  const run = (...command: string[]) => trapline(scratch, ['run', '--config', file, '--', ...command])
  // What the run hands down to programs leads there, unless a program puts something else in its place.
  const reached = await run('sh', '-ec', `${asOther} busybox devmem ${base}; ${asOther} id -un`)
  expect(reached).toMatchObject({ status: 0, stdout: expect.stringMatching(/^0x\w{8}\nnobody\n$/) })
  const taking = 'for n in {890..999}; do eval "exec $n</dev/null"; done;'
  const lost = await run('bash', '-c', `${taking} ${asOther} busybox devmem ${base}; exit 0`)
  expect(lost.status).toBe(125)
  expect(lost.sentences).toContainEqual(
    expect.stringMatching(
      /^busybox \(pid \d+\) was ended by Trapline: it was started as a user or in a root directory/,
    ),
  )
  expect((await run('bash', '-c', `${taking} ${asOther} /nowhere/program; exit 0`)).status).toBe(0)
})
