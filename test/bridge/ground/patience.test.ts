/** Real processes: what counts against one that is to end is what it was given, not what a clock on the wall says. */
import { execa } from 'execa'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { endsWithin, familyOf } from '../../../bridge/ground/patience.js'

const works = (ms: number) =>
  `const used = () => process.cpuUsage().user + process.cpuUsage().system
process.stdout.write('ready')
while (used() < ${ms * 1000});`

it('who works for less than its patience ends in time, however little of a processor it gets', async () => {
  const child = execa(process.execPath, ['-e', works(200)])
  await once(child.stdout, 'data')
  expect(await endsWithin(child, 600, familyOf(child.pid))).toBe(true)
})

it('one that waits for another is given what that one is', async () => {
  const child = execa('sh', ['-c', `'${process.execPath}' -e "$WORK" & echo $!; wait`], {
    env: { WORK: works(200) },
  })
  const [pid] = (await once(child.stdout, 'data')) as [Buffer]
  const family = familyOf(parseInt(String(pid)))
  expect(family).toContain(child.pid)
  expect(family).not.toContain(process.pid)
  expect(await endsWithin(child, 600, family)).toBe(true)
})

it.each([
  ['works for ever', 'for (;;);'],
  ['waits for ever', 'setInterval(() => undefined, 1e6)'],
])('one that %s is given up', async (_what, code) => {
  const child = execa(process.execPath, ['-e', code], { reject: false })
  try {
    expect(await endsWithin(child, 300, familyOf(child.pid))).toBe(false)
  } finally {
    child.kill('SIGKILL')
  }
  await child
})
