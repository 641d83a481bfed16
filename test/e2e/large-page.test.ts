/** The page of a large regression: what it takes to open it is printed, for what that is depends on the machine. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writeResult, type Excerpt, type ResultInput } from '../../bridge/regression/result.js'
import { startBrowser, textsOf, view } from '../support/browser.js'
import { makeScratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'

const count = 5_000

const excerpt: Excerpt = {
  ...{ beginPs: 0, endPs: 400_000, periodPs: 10_000, access: { beginPs: 80_000, endPs: 320_000 } },
  signals: Array.from({ length: 24 }, (_, i) => ({
    ...{ name: `signal_${i}`, group: i < 2 ? '' : 's_axil', widthBits: i % 3 ? 1 : 32 },
    changes: Array.from({ length: 20 }, (_, at): [number, string] => [at * 20_000, String(at % 2)]),
  })),
}

/** Every tenth did not pass, each for one of forty reasons, with a waveform. */
function resultOf(i: number): ResultInput {
  const suite = `test/${['uart', 'fifo', 'dma', 'timer'][i % 4]}.test.ts`
  const plain = { format: 'trapline-result-1', startedAt: '2026-01-02T03:04:05Z', durationMs: (i * 37) % 1000 } as const
  const own = { ...plain, suite, test: `case ${i}`, seed: i, repeat: `npx vitest run ${suite} -t 'case ${i}'` }
  if (i % 10 !== 0) return { ...own, status: 'passed' }
  return {
    ...{ ...own, status: 'failed', message: `expected ${i} to be right`, output: 'driver: no answer\n'.repeat(20) },
    failingAccess: { seq: 7, message: `read uart0+0x${(i % 40).toString(16)} 4 B  in poll (uart.c:${i % 40})` },
    waves: { file: 'waves.fst', command: 'gtkwave waves.fst', excerpt },
  }
}

it(`${count} tests on one page`, async ({ annotate }) => {
  const scratch = makeScratch()
  const results = join(scratch.path, 'results')
  for (let i = 0; i < count; i++) writeResult(results, `t${i}`, resultOf(i))
  const file = join(scratch.path, 'page.html')
  const { status, stderr } = await trapline(scratch, ['report', results, '-o', file])
  expect(status, stderr).toBe(0)
  const browser = await startBrowser()
  const page = await view(browser, file)
  const [loadedMs, paintedMs] = await page.evaluate<(number | undefined)[]>(
    "[['navigation', 'loadEventEnd'], ['paint', 'startTime']]" +
      '.map(([kind, what]) => performance.getEntriesByType(kind)[0]?.[what])',
  )
  const figures = `painted after ${paintedMs?.toFixed(0)} ms, loaded after ${loadedMs?.toFixed(0)} ms`
  await annotate(`${count} tests, ${(statSync(file).size / 1e6).toFixed(1)} MB: ${figures}`)
  expect(await textsOf(page, 'h1')).toEqual([`${count / 10} of ${count} tests did not pass`])
  await page.getByLabel('search').fill('case 4990')
  expect(await textsOf(page, '#shown')).toEqual([`1 of ${count} shown`])
})
