/**
 * What nobody has caught becomes one sentence and status 125, and nothing is left: neither host nor model, folder or
 * socket.
 */
import { expect, it } from 'vitest'
import { configOf } from '../support/configs.js'
import { makeScratch } from '../support/scratch.js'
import { startTrapline } from '../support/trapline.js'

/** Makes the mistake that we don't know of: `work` at a SIGUSR2. */
function withMistake(work: string): Record<string, string> {
  const script = `import fs from 'node:fs'; process.on('SIGUSR2', () => { ${work} })`
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` }
}

const mistakes = [
  ['throw new Error("boom\\nmore \\x1b[2J")', /^internal error: boom\\nmore \\x1b\[2J; this is a mistake in Trapline/],
  ['Promise.reject(new Error("boom"))', /^internal error: boom; this is a mistake in Trapline: report it/],
  ['fs.writeFileSync("/proc/none", "")', /^can't go on, for the system says ENOENT: .*'\/proc\/none'$/],
] as const

it.each(mistakes)('run: %s', async (mistake, sentence) => {
  const scratch = makeScratch()
  const config = scratch.write('c.json', configOf('axil_regs'))
  const program = ['sh', '-c', 'echo here; exec sleep 1000']
  const run = startTrapline(scratch, ['run', '--config', config, '--', ...program], { env: withMistake(mistake) })
  await run.untilStdout(/here/)
  run.kill('SIGUSR2')
  const { status, stderr, sentences } = await run.ended
  expect(status).toBe(125)
  expect(sentences).toContainEqual(expect.stringMatching(sentence))
  expect(stderr).not.toMatch(/^\s+at /m)
})

it('serve', async () => {
  const scratch = makeScratch()
  const config = scratch.write('c.json', configOf('axil_regs'))
  const bridge = startTrapline(scratch, ['serve', '--config', config], { env: withMistake(mistakes[0][0]) })
  await bridge.untilStdout(/^unix:/m)
  bridge.kill('SIGUSR2')
  const { status, sentences } = await bridge.ended
  expect([status, sentences.slice(1)]).toEqual([125, [expect.stringMatching(mistakes[0][1])]])
})
