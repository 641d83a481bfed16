/** However long a line of RTL is, it takes the memory of a short one, and says that it was cut. */
import { expect, it } from 'vitest'
import { BoundedLines } from '../../../bridge/ground/bounded-lines.js'
import { longestLine } from '../../../bridge/ground/visible.js'

const mebibyte = 2 ** 20

function linesOf(chunks: (string | Buffer)[], { ends = true } = {}): string[] {
  const found: string[] = []
  const lines = new BoundedLines((line) => found.push(line))
  for (const chunk of chunks) lines.take(Buffer.from(chunk))
  if (ends) lines.end()
  return found
}

const cut = ` … (cut here: the line is longer than ${longestLine} bytes)`

it.each<[string, (string | Buffer)[], string[]]>([
  ['lines', ['a\nbc\n', '\nd'], ['a', 'bc', '', 'd']],
  ['pieces of a line', ['a', 'b', '\r', '\nc\n'], ['ab', 'c']],
  ['a carriage return within one', ['a\rb\n'], ['a\rb']],
  ['a character in two pieces', [Buffer.from([0xe2]), Buffer.from([0x82, 0xac, 0x0a])], ['€']],
  ['bytes that are no text', [Buffer.from([0xff, 0x41, 0x0a])], ['\ufffdA']],
  ['nothing', [], []],
  ['the longest line', ['x'.repeat(longestLine), '\ny'], ['x'.repeat(longestLine), 'y']],
  ['one more byte', ['x'.repeat(longestLine), 'x', 'x\ny\n'], [`${'x'.repeat(longestLine)}${cut}`, 'y']],
  ['a cut in a character', [`${'x'.repeat(longestLine - 1)}€\n`], [`${'x'.repeat(longestLine - 1)}${cut}`]],
])('%s', (_what, chunks, expected) => {
  expect(linesOf(chunks)).toEqual(expected)
})

it('a line without end is told as soon as it is too long', () => {
  expect(linesOf(['x'.repeat(longestLine), 'x'], { ends: false })).toEqual([`${'x'.repeat(longestLine)}${cut}`])
})

it('700 MiB in one line, more than a string can hold', () => {
  const found: string[] = []
  const lines = new BoundedLines((line) => found.push(line))
  const chunk = Buffer.alloc(mebibyte, 'x')
  for (let i = 0; i < 700; i++) lines.take(chunk)
  lines.take(Buffer.from('\nnext\n'))
  expect(found).toEqual([`${'x'.repeat(longestLine)}${cut}`, 'next'])
})
