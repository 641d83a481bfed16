/**
 * What configurations and golden models print while they run in Trapline's own process: lines of the log with their
 * name, and not a byte of stdout, which is the program's or the command's.
 */
import { expect, it } from 'vitest'
import { at, base } from '../support/configs.js'
import { makeScratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'

const golden = `
console.log('loaded')
export default class {
  constructor() {
    console.error('made \\x1b[2J')
    process.on('exit', () => console.log('after the end'))
  }
  read() {
    console.log('first\\nsecond \\u202e')
    process.stdout.write('half, ')
    process.stdout.write(Buffer.from('half\\r\\n'))
    console.log('x'.repeat(100_000))
    Promise.resolve().then(() => console.table([{ a: 1 }]))
    return 42
  }
  write() {}
}
`

const config = `
console.log('trapline: all is well')
process.stdout.write('without an end')
export default {
  models: {},
  goldens: { twin: { file: 'twin.ts' } },
  devices: { dut: { kind: 'mem', path: '/dev/mem', base: ${base}, size: 0x1000, model: 'twin' } },
}
`

function prepare() {
  const scratch = makeScratch()
  scratch.write('twin.ts', golden)
  return { scratch, flags: ['--config', scratch.write('my.config.ts', config)] }
}

it('a golden model and a configuration that print take nothing from the program', async () => {
  const { scratch, flags } = prepare()
  const { status, stdout, stderr, sentences } = await trapline(scratch, [
    'run',
    ...flags,
    '--',
    'busybox',
    'devmem',
    at(0),
  ])
  expect([status, stdout], stderr).toEqual([0, '0x0000002A\n'])
  const printed = sentences.filter((sentence) => /^(my\.config\.ts|twin): /.test(sentence))
  expect(printed.slice(0, 6)).toEqual([
    'my.config.ts: trapline: all is well',
    'twin: loaded',
    'twin: made \\x1b[2J',
    'twin: first',
    'twin: second \\u{202e}',
    'twin: half, half',
  ])
  expect(printed[6]).toMatch(/^twin: x{65000,65536} … \(cut here: the line is longer than 65536 bytes\)$/)
  expect(printed.slice(7).join('\n')).toMatch(/^twin: ┌.*\ntwin: │/)
  expect(stderr.split('\n').every((line) => line === '' || line.startsWith('trapline: '))).toBe(true)
})

const direct = `
import fs, { writeSync } from 'node:fs'
import { writeFileSync } from 'fs'
const { appendFileSync } = require('node:fs')
export default class {
  read() {
    writeSync(1, 'by name\\n')
    fs.writeSync(1, Buffer.from('>a part<\\n'), 1, 6)
    fs.writeSync(1, Buffer.from('>, and another<'), { offset: 1, length: 13 })
    fs.writevSync(1, [Buffer.from('\\none'), Buffer.from(', two\\n')])
    writeFileSync(1, '666f757220626974730a', 'hex')
    appendFileSync(2, 'appended\\n')
    fs.write(1, 'later\\n', (error, count) => fs.writeSync(2, [error, count].join() + '\\n'))
    return 42
  }
  write() {}
}
`

it('nor does one that writes to the descriptors themselves', async () => {
  const { scratch, flags } = prepare()
  scratch.write('twin.ts', direct)
  const { status, stdout, sentences } = await trapline(scratch, ['run', ...flags, '--', 'busybox', 'devmem', at(0)])
  expect([status, stdout], sentences.join('\n')).toEqual([0, '0x0000002A\n'])
  const printed = sentences.filter((sentence) => sentence.startsWith('twin: '))
  expect(printed.map((sentence) => sentence.slice('twin: '.length))).toEqual([
    'by name',
    'a part, and another',
    'one, two',
    'four bits',
    'appended',
    'later',
    ',6',
  ])
})

it('a golden model that throws ends the run with what it threw', async () => {
  const { scratch, flags } = prepare()
  scratch.write('twin.ts', 'export default class { read() { throw new Error("boom\\nand more") } write() {} }')
  const { status, stdout, sentences } = await trapline(scratch, ['run', ...flags, '--', 'busybox', 'devmem', at(0)])
  expect([status, stdout]).toEqual([125, ''])
  expect(sentences).toContainEqual(
    expect.stringMatching(/^model twin ended by .*: the golden model threw: boom\\nand more$/),
  )
})

it('a command whose configuration prints gives its results alone', async () => {
  const { scratch, flags } = prepare()
  const { status, stdout, sentences } = await trapline(scratch, ['list', ...flags])
  expect([status, sentences]).toEqual([0, ['my.config.ts: trapline: all is well', 'my.config.ts: without an end']])
  expect(stdout).toMatch(/^\/.*my\.config\.ts\n\nDEVICE .*\n\nGOLDEN MODEL +FILE\ntwin +twin\.ts\n$/s)
})
