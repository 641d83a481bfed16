/** Requests to another process that are answered within the turn of the event loop, and those that are not. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { QuickExchange } from '../../../bridge/model/quick-exchange.js'
import { makeScratch } from '../../support/scratch.js'

/**
 * The other end: answers a line with the double of its number, 0 not before the next one comes, a negative one after
 * some milliseconds, and what is no number with its length.
 */
const peer = `
const socket = require('node:net').connect(process.argv[1])
let rest = '', held = ''
socket.on('data', (chunk) => {
  const lines = (rest + chunk).split('\\n')
  rest = lines.pop()
  for (const line of lines) {
    if (line === '0') held = '0\\n'
    else if (line.startsWith('-')) setTimeout(() => socket.write(2 * Number(line) + '\\n'), 3)
    else socket.write(held + (line.startsWith('#') ? line.length : 2 * Number(line)) + '\\n')
    if (line !== '0') held = ''
  }
})
`

async function connect(): Promise<Socket> {
  const path = join(makeScratch().path, 's')
  const server = createServer().listen(path)
  const child = spawn(process.execPath, ['-e', peer, path], { stdio: 'inherit' })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [socket] = (await once(server, 'connection')) as [Socket]
  server.close()
  socket.on('error', () => undefined)
  return socket
}

/** All that comes by the event loop. */
function hear(socket: Socket): { words: string } {
  const heard = { words: '' }
  socket.on('data', (chunk: Buffer) => void (heard.words += String(chunk)))
  return heard
}

/** As who has just been called by the event loop, which has nothing else to do. */
async function fromLoop<T>(work: () => T): Promise<T> {
  return await new Promise((resolve) => setTimeout(() => resolve(work()), 1))
}

function makeQuick(socket: Socket): QuickExchange {
  const quick = new QuickExchange(socket)
  beAlone(quick)
  return quick
}

/** Nobody else has asked anything for long. */
function beAlone(quick: QuickExchange): void {
  for (let asked = 0; asked < 300; asked++) quick.note(1)
}

async function nextWord(socket: Socket): Promise<string> {
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  return String(chunk)
}

it('an answer that comes soon is there at once, and comes only once', async () => {
  const socket = await connect()
  const heard = hear(socket)
  const quick = makeQuick(socket)
  let atOnce: Buffer | undefined
  let asked = 0
  while (!atOnce) {
    atOnce = await fromLoop(() => quick.ask(Buffer.from(`${++asked}\n`)))
    while (!atOnce && !heard.words.endsWith(`${2 * asked}\n`)) await nextWord(socket)
  }
  expect(String(atOnce)).toBe(`${2 * asked}\n`)
  const before = heard.words
  socket.write(`${asked + 1}\n`)
  while (!heard.words.endsWith(`${2 * (asked + 1)}\n`)) await nextWord(socket)
  expect(heard.words).toBe(`${before}${2 * (asked + 1)}\n`)
})

it('nobody waits while the event loop has something to do', async () => {
  const socket = await connect()
  const heard = hear(socket)
  const quick = makeQuick(socket)
  let atOnce: Buffer | undefined
  let asked = 0
  // Who is kept off the processor for longer than the answer takes finds it there, without having waited for it.
  do {
    asked++
    atOnce = await fromLoop(() => {
      setImmediate(() => undefined)
      return quick.ask(Buffer.from('-4\n'))
    })
  } while (atOnce && asked < 10)
  expect(atOnce).toBeUndefined()
  while (!heard.words.endsWith('-8\n')) await nextWord(socket)
})

it('nobody waits while others ask, too', async () => {
  const socket = await connect()
  const heard = hear(socket)
  const quick = makeQuick(socket)
  for (let asked = 1; asked <= 20; asked++) {
    quick.note(2 + (asked % 2))
    expect(await fromLoop(() => quick.ask(Buffer.from(`${asked}\n`)))).toBeUndefined()
    while (!heard.words.endsWith(`${2 * asked}\n`)) await nextWord(socket)
  }
})

it('an answer that does not come keeps nobody, and is heard when it comes', async () => {
  const socket = await connect()
  const heard = hear(socket)
  const quick = makeQuick(socket)
  let isKept = true
  setTimeout(() => (isKept = false), 2)
  expect(await fromLoop(() => quick.ask(Buffer.from('0\n')))).toBeUndefined()
  while (isKept) await fromLoop(() => undefined)
  quick.ask(Buffer.from('7\n'))
  while (!heard.words.endsWith('14\n')) await nextWord(socket)
  expect(heard.words).toBe('0\n14\n')
})

it('what does not fit goes behind it, whole and in order', async () => {
  const socket = await connect()
  const heard = hear(socket)
  const quick = makeQuick(socket)
  const large = Buffer.alloc(8 << 20, '#')
  large[large.length - 1] = 0x0a
  expect(await fromLoop(() => quick.ask(large))).toBeUndefined()
  while (!heard.words.endsWith('\n')) await nextWord(socket)
  expect(heard.words).toBe(`${large.length - 1}\n`)
})

it('who is gone is found by the event loop', async () => {
  const socket = await connect()
  const quick = makeQuick(socket)
  const closed = once(socket, 'close')
  socket.destroy()
  expect(quick.ask(Buffer.from('1\n'))).toBeUndefined()
  await closed
})
