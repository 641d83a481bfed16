/** Tests that name registers: handles of a bench, matchers, golden models, and types of what is described. */
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, describe, it } from 'vitest'
import { expect, test } from '../../bridge/vitest/index.js'
import { makeCheckout } from '../support/checkout.js'
import { cache, root } from '../support/places.js'
import { openScratch, removeScratch } from '../support/scratch.js'

process.env.TRAPLINE_CACHE = cache
const example = join(root, 'examples/registers')
const scratch = openScratch()
afterAll(() => removeScratch(scratch))

/** Knows its registers by their names alone. */
const golden = scratch.write(
  'golden.mjs',
  `export default class {
  values = new Map([['STATUS', 0x3n], ['CTRL', 0x2n]])
  read(address, { register }) {
    if (register === undefined) throw Object.assign(new Error('nothing'), { name: 'BusError', status: 'SLVERR' })
    return this.values.get(register === 'RXD' ? 'TXD' : register) ?? 0n
  }
  write(address, value, mask, { register }) {
    this.values.set(register, value & mask)
  }
}`,
)
const config = {
  models: {},
  goldens: { meter: { file: golden } },
  devices: {
    other: { kind: 'mem' as const, base: 0, size: 0x100, model: 'meter' },
    meter0: {
      ...{ kind: 'mem' as const, base: 0x43c0_0000, size: 0x40, model: 'meter', address: 0x1000 },
      registers: join(example, 'meter.json'),
    },
  },
}
test.override('setup', { config })

describe('handles', () => {
  test('read and write numbers, fields and names', async ({ bench }) => {
    const { CTRL, TXD, RXD, CH, TABLE } = bench.reg('meter0')
    expect(await CTRL.readFields()).toEqual({ EN: 0n, MODE: 'SLOW' })
    await CTRL.write({ EN: 1 })
    // What is left out is as after reset.
    expect(await CTRL.read()).toBe(3n)
    await CTRL.write({ MODE: 'FAST' })
    await CTRL.modify({ EN: 1 })
    expect(await CTRL.readFields()).toEqual({ EN: 1n, MODE: 'FAST' })
    await TXD.write(0x41)
    expect(await RXD.read()).toBe(0x41n)
    await CH[1].LIMIT.write(7n)
    expect([await CH[0].LIMIT.read(), await CH[1].LIMIT.read(), TABLE.length]).toEqual([0n, 7n, 4])
  })

  test('leave bits alone that a write would clear', async ({ bench }) => {
    const { STATUS } = bench.reg('meter0')
    expect(await STATUS.readFields()).toEqual({ BUSY: 1n, OVERRUN: 1n, LEVEL: 0n })
    await STATUS.modify({})
    expect(await STATUS.read()).toBe(1n)
  })

  test('say what can not be', async ({ bench }) => {
    const meter = bench.reg('meter0')
    expect(() => meter.CTRI).toThrow('meter0 has no CTRI; did you mean CTRL?')
    expect(() => meter.CH[0].LIMITS).toThrow('meter0.CH[0] has no LIMITS; did you mean LIMIT?')
    expect(() => bench.reg('other')).toThrow(
      'nothing describes the registers of other; say what by its key "registers"',
    )
    expect(() => bench.reg('meter1')).toThrow('there is no device meter1; there are other, meter0')
    await expect(meter.ID.write(1)).rejects.toThrow("ID: software can't write it")
    await expect(meter.KEY.read()).rejects.toThrow("KEY: software can't read it")
    await expect(meter.CTRL.write({ MODE: 'FASTER' })).rejects.toThrow('CTRL: MODE has no value FASTER')
    await expect(meter.CTRL.write({ MODE: 4 })).rejects.toThrow('CTRL: MODE has 2 bits, and 4 does not fit in them')
    await expect(meter.CTRL.write({ SPEED: 4 })).rejects.toThrow('CTRL: it has no field SPEED; there are EN, MODE')
    await expect(meter.STATUS.write({ BUSY: 1 })).rejects.toThrow("STATUS: software can't write its field BUSY")
    await expect(meter.CTRL.write(1n << 32n)).rejects.toThrow('CTRL: 4294967296 is no number of 32 bits')
    await expect(meter.KEY.modify({ VALUE: 1 })).rejects.toThrow("KEY: software can't read it")
  })
})

describe('matchers', () => {
  test('find accesses by register and field, of any width', async ({ bench }) => {
    const script = 'busybox devmem 0x43c00000 32 5; busybox devmem 0x43c00004 8; busybox devmem 0x43c00034 32 9'
    const run = await bench.run('sh', ['-c', script])
    expect(run).toHaveAccessed([
      { operation: 'write', register: 'CTRL', fields: { EN: 1, MODE: 'FAST' } },
      { operation: 'read', register: 'STATUS', fields: { BUSY: 1n } },
      { register: 'TABLE[1]', value: 9 },
    ])
    expect(run).toHaveAccessed({ register: 'CTRL', fields: { MODE: 2 } })
    expect(run).not.toHaveAccessed({ register: 'CTRL', fields: { MODE: 'IDLE' } })
    expect(run).not.toHaveAccessed({ register: 'KEY' })
    expect(() => expect(run).toHaveAccessed({ register: 'CTRL', fields: { EN: 0 } })).toThrow(
      /^expected access CTRL EN=0, .*:\n→ 1: write meter0\+0x0 4 B = 0x00000005 \(CTRL\.EN=1 CTRL\.MODE=FAST\)/,
    )
    expect(run.accesses[0]).toMatchObject({ register: 'CTRL', fields: { 'CTRL.EN': 1n, 'CTRL.MODE': 'FAST' } })
  })

  test('names that nothing has are no match in silence', async ({ bench }) => {
    const run = await bench.run('busybox', ['devmem', '0x43c00000'])
    const never = (expected: object) => () => expect(run).not.toHaveAccessed(expected)
    expect(never({ register: 'CTLR' })).toThrow('no register is called CTLR; did you mean CTRL?')
    expect(never({ register: 'CTRL', fields: { ENA: 1 } })).toThrow('CTRL has no field ENA; did you mean EN?')
    expect(never({ register: 'CTRL', fields: { MODE: 'X' } })).toThrow('CTRL.MODE has no value that is called X')
    expect(never({ fields: { EN: 1 } })).toThrow('fields are those of a register; say which by "register"')
  })
})

/** The example as its users have it. */
function makeExample(): { folder: string; run: (...args: string[]) => ReturnType<typeof execa> } {
  const checkout = makeCheckout()
  const folder = join(checkout, 'examples/registers')
  const env = { TRAPLINE_CACHE: cache, NO_COLOR: '1', VITEST: '', npm_config_update_notifier: 'false' }
  return {
    folder,
    run: (...args) => execa('npx', args, { cwd: folder, env, reject: false, all: true, stdin: 'ignore' }),
  }
}

it('the example passes, and its results have what was touched', { timeout: 600_000 }, async () => {
  const { folder, run } = makeExample()
  const { exitCode, all } = await run('vitest', 'run')
  expect(exitCode, String(all)).toBe(0)
  await run('trapline', 'report', '-o', 'page.html', 'trapline-results')
  const page = readFileSync(join(folder, 'page.html'), 'utf8')
  // The second test's driver; what the tests do themselves is no software.
  expect(page).toContain('<td>meter0</td><td>8 of 15 (53 %)</td>')
})

it('types of registers hold what is right, and nothing else', { timeout: 600_000 }, async () => {
  const { folder, run } = makeExample()
  const { exitCode, all } = await run('trapline', 'registers', '--types', 'registers.d.ts')
  expect(exitCode, String(all)).toBe(0)
  symlinkSync(join(root, 'node_modules/@types'), join(folder, '../../node_modules/@types'))
  const strict = { strict: true, noUncheckedIndexedAccess: true, module: 'nodenext', target: 'es2023', noEmit: true }
  const options = { compilerOptions: { ...strict, skipLibCheck: true, types: ['node'] }, include: ['*.ts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options))
  const check = async () => {
    const compiler = [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.', '--pretty', 'false']
    const { stdout } = await execa(process.execPath, compiler, { cwd: folder, reject: false })
    return stdout.split('\n').filter((line) => line.includes('error'))
  }
  expect(existsSync(join(folder, 'registers.d.ts'))).toBe(true)
  expect(await check()).toEqual([])
  const wrong = [
    "bench.reg('meter1')",
    "bench.reg('meter0').CTRI.read()",
    "bench.reg('meter0').KEY.read()",
    "bench.reg('meter0').ID.write(1)",
    "bench.reg('meter0').CTRL.write({ SPEED: 1 })",
    "bench.reg('meter0').CTRL.write({ MODE: 'FASTER' })",
    "bench.reg('meter0').CH[2].LIMIT.read()",
  ]
  const lines = wrong.map((one) => `  void ${one}`)
  const head = "import { test } from 'trapline/vitest'\ntest('x', ({ bench }) => {"
  writeFileSync(join(folder, 'wrong.ts'), [head, ...lines, '})', ''].join('\n'))
  const errors = await check()
  expect(errors.map((line) => Number(/^wrong\.ts\((\d+),/.exec(line)?.[1]) - 3)).toEqual(wrong.map((_, i) => i))
})
