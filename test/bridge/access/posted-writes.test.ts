/** What an access that is waited for waits for, and what it hears of the writes before it. */
import { expect, it } from 'vitest'
import { PostedWrites, type Posting } from '../../../bridge/access/posted-writes.js'
import { statuses, type Status } from '../../../bridge/wire/access.js'

interface Named extends Posting {
  name: string
  status: number
}

const access = (name: string, fields: Partial<Named> = {}): Named => ({
  ...{ name, isPosted: false, isFlush: false, isForgiven: false, status: 0 },
  ...fields,
})
const posted = (name: string, fields: Partial<Named> = {}) => access(name, { isPosted: true, ...fields })

function open() {
  const said: string[] = []
  const writes = new PostedWrites<Named>({
    pass: ({ name }) => said.push(name),
    withhold: ({ name }, failed) => said.push(`${name}: ${failed.name}`),
    conclude: ({ name }) => said.push(`${name} done`),
  })
  const end = (one: Named, status: Status) => writes.end(Object.assign(one, { status: statuses.indexOf(status) }))
  return { said, writes, end }
}

it('what is posted passes at once, what is waited for comes behind all of it', async () => {
  const { said, writes, end } = open()
  const [a, b] = [posted('a'), posted('b')]
  for (const one of [a, b, access('read'), posted('c')]) writes.take(one)
  expect(said).toEqual(['a', 'b'])
  let isSettled = false
  const settled = writes.settled().then(() => (isSettled = true))
  end(a, 'OKAY')
  await Promise.resolve()
  expect({ said, isSettled }).toEqual({ said: ['a', 'b'], isSettled: false })
  end(b, 'OKAY')
  expect(said).toEqual(['a', 'b', 'read', 'c'])
  writes.take(access('late', { isFlush: true }))
  expect(said).toHaveLength(4)
  void settled
})

it('nothing under way is settled at once, and a flush is answered', async () => {
  const { said, writes } = open()
  await writes.settled()
  writes.take(access('flush', { isFlush: true }))
  expect(said).toEqual(['flush done'])
})

it.each<[string, [Status, boolean][], string]>([
  [
    'the first that the host is to hear of',
    [
      ['OKAY', false],
      ['SLVERR', false],
      ['DECERR', false],
    ],
    'read: 1',
  ],
  [
    'none of a device that drops what fails',
    [
      ['SLVERR', true],
      ['OKAY', true],
    ],
    'read',
  ],
  [
    'what ends the host before what does not',
    [
      ['SLVERR', false],
      ['TIMEOUT', false],
    ],
    'read: 1',
  ],
  ['what ends the host, of any device', [['DISCONNECTED', true]], 'read: 0'],
])('the next one hears of %s, once', (_name, answers, heard) => {
  const { said, writes, end } = open()
  const all = answers.map(([, isForgiven], i) => posted(String(i), { isForgiven }))
  for (const one of [...all, access('read')]) writes.take(one)
  all.forEach((one, i) => end(one, answers[i]?.[0] ?? 'OKAY'))
  writes.take(access('again'))
  expect(said.slice(answers.length)).toEqual([heard, 'again'])
})
