/** The width lint names accesses that the registers were not made for, by function and source line of the host. */
import { expect, it } from 'vitest'
import { at, base, configOf, sampleModel } from '../support/configs.js'
import { host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

const ram = configOf('axil_ram')

it('narrower, wider and split accesses, each place once with its count', async () => {
  const { sentences } = await runHost(makeScratch(), ram, [host('accesses'), '/dev/mem', String(base)], {
    flags: ['--lint'],
  })
  const lint = sentences.filter((sentence) => sentence.startsWith('lint: '))
  expect(lint).toContainEqual(
    expect.stringMatching(/^lint: narrower: write of 1 byte at dut\+0x0 by round_trip \(accesses\.c:\d+\)/),
  )
  expect(lint).toContainEqual(
    expect.stringMatching(/^lint: wider: read of 8 bytes at dut\+0x8 by round_trip \(accesses\.c:\d+\), 2 times/),
  )
  expect(lint).toContainEqual(expect.stringMatching(/^lint: split: read of 16 bytes at dut\+0x10/))
})

it('unaligned accesses', async () => {
  const script = [
    'import mmap, os',
    'fd = os.open("/dev/mem", os.O_RDWR)',
    `m = mmap.mmap(fd, 4096, offset=${base})`,
    'os.write(os.open("/dev/null", os.O_WRONLY), m[1:5])',
  ].join('\n')
  const { sentences } = await runHost(makeScratch(), ram, ['python3', '-c', script], { flags: ['--lint'] })
  expect(sentences).toContainEqual(expect.stringMatching(/^lint: unaligned: read of 4 bytes at dut\+0x1 by /))
})

it('a wider register suits a wider access', async () => {
  const wide = configOf(sampleModel('axil_ram', { DataWidth: 64 }), { width: 8 })
  const { sentences } = await runHost(makeScratch(), wide, ['busybox', 'devmem', at(8), '64'], { flags: ['--lint'] })
  expect(sentences).toContain('lint: every access suits its registers')
})
