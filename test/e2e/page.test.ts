/** The page of a regression as a browser shows it: what failed comes first, is found, passed on, and read by all. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { writeResult, type ResultInput } from '../../bridge/regression/result.js'
import { accessibilityOf, attributesOf, desk, fits, phone, startBrowser, textsOf, view } from '../support/browser.js'
import { at, base, configOf, sampleModel } from '../support/configs.js'
import { host, root } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { runHost, trapline } from '../support/trapline.js'

const plain = { format: 'trapline-result-1', startedAt: '2026-01-02T03:04:05Z', durationMs: 321 } as const
const ofRam = { ...plain, suite: 'ram' }

async function report(scratch: Scratch, flags: string[] = [], results = 'results'): Promise<string> {
  const page = join(scratch.path, 'report.html')
  const { status, stderr } = await trapline(scratch, ['report', join(scratch.path, results), '-o', page, ...flags])
  expect([0, 1], stderr).toContain(status)
  return page
}

/** A real run that passes or not, with its result in `results`. */
async function run(scratch: Scratch, config: TraplineConfig, program: string[], flags: string[] = []) {
  return runHost(scratch, config, program, { flags: ['--results', join(scratch.path, 'results'), ...flags] })
}

const shell = (script: string) => ['sh', '-c', script]
const fifo = (file: string) => configOf({ top: 'fifo', sources: [join(root, 'examples/regression', file)] })

/** A small regression: many passed, one that failed at an access of a real log. */
async function makePage(scratch: Scratch): Promise<string> {
  const program = [host('accesses'), '/dev/mem', String(base)]
  const { log } = await runHost(scratch, configOf('axil_ram'), program)
  const results = join(scratch.path, 'results')
  for (let i = 0; i < 30; i++) writeResult(results, `a${i}`, { ...ofRam, test: `passes ${i}`, status: 'passed' })
  writeResult(results, 'z', {
    ...ofRam,
    test: 'reads back what it wrote <b>&',
    status: 'failed',
    message: 'expected 0x0 to be 0x1',
    location: { file: 'test/ram.test.ts', line: 12 },
    seed: 7,
    repeat: 'npx vitest run test/ram.test.ts --seed 7',
    output: 'hello from the host',
    log: '../accesses.jsonl',
    failingAccess: { seq: 8, message: `read dut+0x${log[7]?.offset.toString(16)} gave the wrong value` },
  })
  writeResult(results, 'b', { ...ofRam, test: 'never ran', status: 'not-run' })
  return report(scratch)
}

const sizes = [
  ['a desk', desk],
  ['a phone', phone],
  ['a desk at night', { ...desk, isDark: true }],
] as const

it.each(sizes)('the failing access is on the first screen of %s', async (_name, size) => {
  const page = await view(await startBrowser(), await makePage(makeScratch()), size)
  const failing = page.locator('p.failing')
  expect(await failing.innerText()).toMatch(
    /^access 8: read dut\+0x\w+ gave the wrong value, cycles \d+ to \d+, in round_trip \(accesses\.c:\d+\)$/,
  )
  const { y = -1, height = 0 } = (await failing.boundingBox()) ?? {}
  expect(y).toBeGreaterThanOrEqual(0)
  expect(y + height).toBeLessThan(size.height)
  expect(await fits(page)).toBe(true)
})

it('the page needs nothing from elsewhere, and lets nothing in', async () => {
  const text = readFileSync(await makePage(makeScratch()), 'utf8')
  expect(text).not.toMatch(/<link|<img|src=|https?:/)
  expect(text).toMatch(/<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-/)
  expect(text).toContain('reads back what it wrote &lt;b&gt;&amp;')
})

/** Each leaves what a regression of that kind does, and returns flags for `report`. */
const states: [string, (scratch: Scratch) => Promise<string[]>][] = [
  [
    'passed',
    async (scratch) => {
      await run(scratch, configOf('axil_ram'), [host('accesses'), '/dev/mem', String(base)])
      return []
    },
  ],
  [
    'failed',
    async (scratch) => {
      await run(scratch, fifo('fifo_bad.sv'), shell(`busybox devmem ${at(0)} 32 0x5; busybox devmem ${at(0)}; exit 3`))
      return []
    },
  ],
  [
    'timeout',
    async (scratch) => {
      const stuck = configOf(sampleModel('axil_stuck', { Channel: 'AR' }))
      await run(scratch, stuck, ['busybox', 'devmem', at(0x10), '32'], ['--max-cycles', '500'])
      return []
    },
  ],
  ['flaky', async (scratch) => makeFlaky(scratch)],
  ['500 tests', async (scratch) => makeMany(scratch)],
  [
    'coverage',
    async (scratch) => {
      const flags = ['--coverage', join(scratch.path, 'results/coverage')]
      await run(scratch, configOf(ownFifo(scratch)), shell(`busybox devmem ${at(0)} 32 0x5`), flags)
      return []
    },
  ],
]

/** RTL in the folder of the project, so that its source can be shown. */
function ownFifo(scratch: Scratch) {
  scratch.write('fifo.sv', readFileSync(join(root, 'examples/regression/fifo.sv'), 'utf8'))
  return { top: 'fifo', sources: ['fifo.sv'] }
}

function makeFlaky(scratch: Scratch): string[] {
  const access = { seq: 1, message: 'read dut+0x4 4 B = 0x00000000  in wait_ready (driver.c:3)' }
  writeResult(join(scratch.path, 'results'), 'flaky', {
    ...{ ...ofRam, test: 'wakes up', status: 'flaky', message: 'expected 0 to be 1', failingAccess: access },
    ...{ output: 'driver: not ready\n', seed: 4, repeat: 'npx vitest run ram.test.ts' },
    attempts: [
      { attempt: 1, status: 'failed', message: 'expected 0 to be 1', failingAccess: access },
      { attempt: 2, status: 'passed' },
    ],
  })
  scratch.write('driver.c', 'int wait_ready(void)\n{\n    while (!regs->ready)\n        ;\n    return 0;\n}\n')
  return []
}

const causes: Partial<ResultInput>[] = [
  { status: 'failed', message: 'expected 4n to be 5n' },
  { status: 'error', message: 'TIMEOUT on read of 4 bytes at uart0+0x14: ARREADY stayed low for 500 cycles' },
  { status: 'failed', message: 'exit status 3' },
]

/** Every tenth did not pass, for one of three reasons. */
function makeMany(scratch: Scratch): string[] {
  for (let i = 0; i < 500; i++) {
    const [suite, model] = [`test/${['uart', 'fifo', 'dma'][i % 3]}.test.ts`, ['uart', 'fifo', 'dma'][i % 3] ?? '']
    const subject = { models: [model], programs: [i % 2 ? 'selftest' : 'loader'] }
    const verdict = i % 10 === 0 ? causes[(i / 10) % 3] : { status: 'passed' as const }
    const repeat = `TRAPLINE_MASTER_SEED=7 npx vitest run ${suite}`
    const own = { ...plain, ...subject, suite, test: `case ${i}`, durationMs: (i * 37) % 1000, seed: i, repeat }
    writeResult(join(scratch.path, 'results'), `t${i}`, { status: 'passed', ...own, ...verdict })
  }
  return []
}

const screenshots = join(root, 'build/test/pages')

describe.each(states)('%s', (name, make) => {
  it('is read by everyone, on a desk and on a phone, by day and by night', async () => {
    const scratch = makeScratch()
    const file = await report(scratch, await make(scratch))
    const browser = await startBrowser()
    mkdirSync(screenshots, { recursive: true })
    for (const size of [desk, phone])
      for (const isDark of [false, true]) {
        const page = await view(browser, file, { ...size, isDark })
        expect(await fits(page)).toBe(true)
        expect(await accessibilityOf(page)).toEqual([])
        if (isDark) continue
        await page.evaluate("for (const one of document.querySelectorAll('#coverage details')) one.open = true")
        const path = join(screenshots, `${name.replace(' ', '-')}-${size.width}.png`)
        await page.screenshot({ path, fullPage: name !== '500 tests' })
      }
  })
})

it('the source of a failure stands there with its line, but none from outside of the project', async () => {
  const scratch = makeScratch()
  makeFlaky(scratch)
  const elsewhere = makeScratch().write('secret.c', 'int secret;\n')
  const place = { seq: 1, message: `read dut+0x0 4 B  in main (${elsewhere}:1)` }
  writeResult(join(scratch.path, 'results'), 'out', { ...ofRam, test: 'x', status: 'failed', failingAccess: place })
  const page = await view(await startBrowser(), await report(scratch))
  expect(await textsOf(page, '.source .blamed')).toEqual([expect.stringContaining('3      while (!regs->ready)')])
  expect(await textsOf(page, '.source figcaption')).toEqual([expect.stringContaining('written after the test ran')])
  expect(await page.content()).not.toContain('int secret')
})

it('the calls that led to the access stand below it, and on a phone its cycles are in view', async () => {
  const scratch = makeScratch()
  const program = shell(`${host('callers')} /dev/mem ${base} helper helper helper; exit 3`)
  // By mailboxes callers are told only if asked for.
  await run(scratch, fifo('fifo.sv'), program, ['--lane', 'grpc'])
  const page = await view(await startBrowser(), await report(scratch), phone)
  const [calls = ''] = await textsOf(page, 'p.calls')
  expect(calls).toMatch(
    /^called by main \(callers\.c:\d+\) → poll_status \(callers\.c:\d+\) → reg_read \(callers\.c:\d+\)$/,
  )
  expect(await textsOf(page, 'p.calls strong')).toEqual([expect.stringMatching(/^poll_status \(/)])
  const blamed = page.locator('.wave .scroll rect.blamed').first()
  await page.waitForFunction('document.querySelector(".wave .scroll").scrollLeft > 0')
  const { x = -1, width = 0 } = (await blamed.boundingBox()) ?? {}
  expect(x).toBeGreaterThan(0)
  expect(x + width).toBeLessThan(phone.width)
})

it('coverage has the source of the RTL, with what was never reached', async () => {
  const scratch = makeScratch()
  await states[5]?.[1](scratch)
  const page = await view(await startBrowser(), await report(scratch))
  await page.getByText('never reached in fifo.sv').click()
  await page.waitForFunction('document.querySelector("#coverage pre").scrollTop > 0')
  const missed = await textsOf(page, '#coverage .missed')
  expect(missed.join('\n')).toMatch(/ 0 +\d+ .*default:/)
  expect(await textsOf(page, '#coverage .reached')).not.toEqual([])
})

it('links lead to the evidence, from wherever the page lies', async () => {
  const scratch = makeScratch()
  await run(scratch, fifo('fifo.sv'), shell(`busybox devmem ${at(0)}; exit 3`))
  const page = await view(await startBrowser(), await report(scratch))
  const hrefs = (await attributesOf(page, '.links a', 'href')).filter((href) => !href.startsWith('#'))
  const files = hrefs.map((href) => join(dirname(fileURLToPath(page.url())), decodeURIComponent(href)))
  expect(files.map((file) => file.replace(/.*\//, ''))).toEqual([
    ...['accesses.jsonl', 'waves.fst', 'waves.wavedrom.json', 'output.txt'],
  ])
  expect(files.filter((file) => !existsSync(file))).toEqual([])
})

describe('500 tests', () => {
  const shown = (page: Page) => textsOf(page, 'details.test > summary b')

  async function open(hash = '', hasScripts = true) {
    const scratch = makeScratch()
    makeMany(scratch)
    return view(await startBrowser(), await report(scratch), { hash, hasScripts })
  }

  it('those that failed alike stand together, the commonest first, once each in the head', async () => {
    const page = await open()
    expect(await textsOf(page, 'h1, .totals li, .facts b')).toEqual([
      ...['50 of 500 tests did not pass', '450 passed', '33 failed', '17 error'],
      expect.any(String),
    ])
    expect(await textsOf(page, 'h3')).toEqual([
      '17 tests: TIMEOUT on read of 4 bytes at uart0+0x14: ARREADY stayed low for 500 cycles',
      '17 tests: expected 4n to be 5n',
      '16 tests: exit status 3',
    ])
    expect((await textsOf(page, 'nav li')).length).toBe(3)
    expect((await shown(page)).slice(0, 3)).toEqual(['case 10', 'case 40', 'case 70'])
  })

  it('search, filters and order stand in the address, and work from it', async () => {
    const page = await open()
    await page.locator('select[name=status]').selectOption('failed')
    await page.locator('select[name=model]').selectOption('uart')
    await page.locator('select[name=program]').selectOption('loader')
    await page.locator('select[name=cause]').selectOption('expectation')
    await page.locator('select[name=order]').selectOption('time')
    await page.getByLabel('search').fill('5n CASE 390')
    expect(await shown(page)).toEqual(['case 390'])
    expect(await textsOf(page, '#shown')).toEqual(['1 of 500 shown'])
    await page.getByLabel('search').fill('')
    const slowest = await shown(page)
    expect(slowest.length).toBe(17)
    const again = await page.context().newPage()
    await again.goto(page.url())
    expect(await shown(again)).toEqual(slowest)
    const took = (await textsOf(again, 'details.test .took')).map(parseFloat)
    expect(took).toEqual([...took].sort((a, b) => b - a))
    await again.keyboard.press('Escape')
    expect((await shown(again)).length).toBe(500)
    await again.locator('select[name=order]').selectOption('name')
    expect((await shown(again)).slice(0, 4)).toEqual(['case 2', 'case 5', 'case 8', 'case 11'])
  })

  it('keys lead from test to test', async () => {
    const page = await open()
    const focused = () => page.evaluate("document.activeElement.querySelector('b')?.textContent")
    for (const [key, name] of [
      ...[
        ['j', 'case 10'],
        ['j', 'case 40'],
        ['k', 'case 10'],
        ['n', 'case 40'],
        ['n', 'case 70'],
        ['p', 'case 40'],
      ],
    ] as const) {
      await page.keyboard.press(key)
      expect(await focused()).toBe(name)
    }
    await page.keyboard.press('Enter')
    expect(await page.locator('details.test:has(b:text-is("case 40"))').getAttribute('open')).toBe('')
    await page.keyboard.press('/')
    await page.keyboard.type('jk')
    expect(await page.getByLabel('search').inputValue()).toBe('jk')
  })

  it.each([true, false])('a link to a test opens it, with scripts: %s', async (hasScripts) => {
    const page = await open('', hasScripts)
    const link = (of: Page) => of.locator('details.test:has(b:text-is("case 493"))').getByText('link to this test')
    expect(await link(page).isVisible()).toBe(false)
    const again = await page.context().newPage()
    await again.goto(`${page.url()}${await link(page).getAttribute('href')}`)
    await link(again).waitFor()
    const { y = -1 } = (await link(again).boundingBox()) ?? {}
    expect(y).toBeGreaterThanOrEqual(0)
    expect(y).toBeLessThan(desk.height)
  })

  it('without scripts everything is there but what needs them', async () => {
    const page = await open('', false)
    expect((await shown(page)).length).toBe(500)
    expect(await page.locator('#controls').isVisible()).toBe(false)
    expect(await page.locator('pre.message').first().isVisible()).toBe(true)
  })
})

it('--against says what is new, fixed, flaky, slower, come and gone', async () => {
  const scratch = makeScratch()
  const pairs: [string, Partial<ResultInput> | undefined, Partial<ResultInput> | undefined][] = [
    ['breaks', { status: 'passed' }, { status: 'failed' }],
    ['stays broken', { status: 'failed' }, { status: 'failed' }],
    ['is mended', { status: 'error' }, { status: 'passed' }],
    ['wavers', { status: 'passed' }, { status: 'flaky' }],
    ['slows', { status: 'passed', durationMs: 1000 }, { status: 'passed', durationMs: 2100 }],
    ['is much the same', { status: 'passed', durationMs: 1000 }, { status: 'passed', durationMs: 1400 }],
    ['vanishes', { status: 'passed' }, undefined],
    ['appears', undefined, { status: 'passed' }],
  ]
  for (const [test, before, now] of pairs)
    for (const [folder, own] of [
      ['before', before],
      ['results', now],
    ] as const)
      if (own) writeResult(join(scratch.path, folder), test, { ...ofRam, status: 'passed', test, ...own })
  const file = await report(scratch, ['--against', join(scratch.path, 'before')])
  const page = await view(await startBrowser(), file)
  expect(await textsOf(page, '#trend summary')).toEqual([
    ...['1 new failure', '1 now flaky', '1 still failing', '1 fixed', '1 slower', '1 gone', '1 came'],
  ])
  await page.evaluate("for (const one of document.querySelectorAll('#trend details')) one.open = true")
  expect(await textsOf(page, '#trend li')).toEqual([
    ...['ram: breaks', 'ram: wavers', 'ram: stays broken', 'ram: is mended', 'ram: slows 1.00 s → 2.10 s'],
    ...['ram: vanishes', 'ram: appears'],
  ])
  expect(await textsOf(page, 'details.test em')).toEqual(
    expect.arrayContaining(['new failure', 'still failing', 'fixed', 'slower: 1.00 s → 2.10 s']),
  )
})

it('--fail makes a red regression the status, and nothing else does', async () => {
  const scratch = makeScratch()
  const results = join(scratch.path, 'results')
  const made = async (...flags: string[]) =>
    (await trapline(scratch, ['report', results, '-o', join(dirname(resolve(results)), 'page.html'), ...flags])).status
  writeResult(results, 'good', { ...ofRam, test: 'good', status: 'passed' })
  expect(await made('--fail')).toBe(0)
  writeResult(results, 'bad', { ...ofRam, test: 'bad', status: 'failed' })
  expect([await made(), await made('--fail')]).toEqual([0, 1])
})
