/** `--timeout`: the wall clock that a program has, in the middle of an access too. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { at, configOf, sampleModel } from '../support/configs.js'
import { makeScratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'

const stuck = configOf(sampleModel('axil_stuck', { Channel: 'R' }))
const budget = String(Number.MAX_SAFE_INTEGER)

it.each([
  ['waits for an answer that never comes', ['busybox', 'devmem', at(0x10)], 'busybox'],
  ['does nothing', ['sleep', '1000'], 'sleep'],
  ['takes no notice', ['sh', '-c', 'trap "" TERM; while :; do sleep 1000; done'], 'sh'],
])('a program that %s is ended, and the run failed', async (_what, program, name) => {
  const scratch = makeScratch()
  const config = scratch.write('c.json', stuck)
  const results = join(scratch.path, 'results')
  const flags = ['--config', config, '--max-cycles', budget, '--timeout', '1.5', '--results', results]
  const { status, sentences } = await trapline(scratch, ['run', ...flags, '--', ...program])
  const sentence = `${name} had not ended after 1.5 s (--timeout), and was ended`
  expect([status, sentences.filter((one) => one === sentence)]).toEqual([125, [sentence]])
  const [file = ''] = readdirSync(results, { recursive: true, encoding: 'utf8' }).filter((one) =>
    one.endsWith('.result.json'),
  )
  expect(JSON.parse(readFileSync(join(results, file), 'utf8'))).toMatchObject({ status: 'error' })
})

it('a program that ends in time has its own status', async () => {
  const scratch = makeScratch()
  const flags = ['--config', scratch.write('c.json', stuck), '--timeout', '300']
  expect((await trapline(scratch, ['run', ...flags, '--', 'sh', '-c', 'exit 7'])).status).toBe(7)
})

it('says where devices do lie', async () => {
  const scratch = makeScratch()
  const config = scratch.write('c.json', stuck)
  const { sentences } = await trapline(scratch, ['run', '--config', config, '--', 'busybox', 'devmem', '0x50000000'])
  expect(sentences).toContainEqual(
    expect.stringMatching(/^mmap of .* is refused: no device lies there; there is dut at 0x43c00000-0x43c00fff$/),
  )
})
