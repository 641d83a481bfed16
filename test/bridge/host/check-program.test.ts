import { execFileSync } from 'node:child_process'
import { existsSync, chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { checkProgram } from '../../../bridge/host/check-program.js'
import { enterProgram } from '../../../bridge/ground/paths.js'
import { toCommand } from '../../../bridge/host/emulated.js'
import { openScratch, removeScratch } from '../../support/scratch.js'

const scratch = openScratch()
afterAll(() => removeScratch(scratch))
const folder = scratch.path
const at = (name: string) => join(folder, name)

function compile(name: string, ...flags: string[]): string {
  execFileSync('gcc', ['-x', 'c', '-', '-o', at(name), ...flags], { input: 'int main(void) { return 0; }' })
  return at(name)
}

function script(name: string, text: string, mode = 0o755): string {
  writeFileSync(at(name), text)
  chmodSync(at(name), mode)
  return at(name)
}

/** A program of 64 bytes header and nothing else, with one thing about it changed. */
function header(name: string, change: (bytes: Buffer) => void): string {
  const bytes = Buffer.alloc(256)
  bytes.write('\x7fELF\x02\x01\x01', 'latin1')
  bytes.writeUInt16LE(3, 16)
  bytes.writeUInt16LE(62, 18)
  bytes.writeBigUInt64LE(64n, 32)
  bytes.writeUInt16LE(56, 54)
  bytes.writeUInt16LE(1, 56)
  bytes.writeUInt32LE(3, 64)
  bytes.writeBigUInt64LE(128n, 72)
  bytes.writeBigUInt64LE(64n, 96)
  bytes.write('/lib64/ld-linux-x86-64.so.2\0', 128, 'latin1')
  change(bytes)
  writeFileSync(at(name), bytes, { mode: 0o755 })
  return at(name)
}

const dynamic = compile('dynamic')
const fails = async (program: string, environment?: NodeJS.ProcessEnv) =>
  checkProgram(program, environment).then(
    (path) => `accepted ${path}`,
    (error: { exitStatus: number; message: string }) => `${error.exitStatus} ${error.message.replaceAll(folder, '')}`,
  )

describe('is taken', () => {
  it.each([
    ['a dynamic program', dynamic],
    ['a program by its name', 'busybox'],
    ['a script', script('ok.sh', `#!${dynamic}\n`)],
    ['a script through env', script('env.sh', '#!/usr/bin/env -S FOO=1 busybox\n')],
    ['a script of a script', script('twice.sh', `#!${at('ok.sh')}\n`)],
    ['a bare header', header('plain', () => undefined)],
  ])('%s', async (_name, program) => {
    expect(await fails(program)).toMatch(/^accepted \//)
  })

  it('the first of PATH, as execvp has it', async () => {
    mkdirSync(at('first'))
    mkdirSync(at('second'))
    writeFileSync(at('first/tool'), 'not executable')
    copyFileSync(dynamic, at('second/tool'))
    expect(await checkProgram('tool', { PATH: `${at('first')}:${at('second')}` })).toBe(at('second/tool'))
  })
})

it('a program for another machine is taken with the emulator that is there for it', async () => {
  const foreign = header('foreign', (bytes) => bytes.writeUInt16LE(183, 18))
  mkdirSync(at('emulators'))
  copyFileSync(dynamic, at('emulators/qemu-aarch64'))
  const environment = { PATH: at('emulators') }
  expect(await checkProgram(foreign, environment)).toBe(foreign)
  expect(toCommand(foreign, 'driver', ['word'], environment)).toEqual({
    path: at('emulators/qemu-aarch64'),
    args: ['-0', 'driver', '-U', 'LD_PRELOAD', foreign, 'word'],
  })
})

const still = compile('static', '-static')

it('an emulator that is linked statically has the agent brought into it', async () => {
  const foreign = header('foreign', (bytes) => bytes.writeUInt16LE(183, 18))
  mkdirSync(at('static emulators'))
  copyFileSync(still, at('static emulators/qemu-aarch64'))
  const environment = { PATH: at('static emulators') }
  expect(await checkProgram(foreign, environment)).toBe(foreign)
  expect(toCommand(foreign, 'driver', ['word'], environment)).toEqual({
    path: enterProgram,
    args: [
      ...[at('static emulators/qemu-aarch64'), 'qemu-aarch64'],
      ...['-0', 'driver', '-U', 'LD_PRELOAD', foreign, 'word'],
    ],
  })
})

describe('the agent is brought into', () => {
  const ofI386 = (bytes: Buffer) => bytes.writeUInt16LE(3, 18) && bytes.writeUInt8(1, 4)
  const programs: [string, string][] = [
    ['a static program', still],
    ['one that uses no libc', compile('libc-less', '-nostdlib', '-nostartfiles', '-pie', '-e', 'main')],
    ['one of musl', header('musl', (bytes) => bytes.write('/lib/ld-musl-x86_64.so.1\0', 128, 'latin1'))],
    ['one that a script names', script('static.sh', `#!${still}\n`)],
  ]
  if (existsSync('/proc/sys/abi/vsyscall32')) programs.push(['one of 32 bits', header('i386', ofI386)])
  it.each(programs)('%s', async (_name, program) => {
    expect(await checkProgram(program)).toBe(program)
    expect(toCommand(program, 'name', ['word'])).toEqual({ path: enterProgram, args: [program, 'name', 'word'] })
  })
})

describe('is refused', () => {
  const suid = (mode: number) => {
    const name = `mode${mode.toString(8)}`
    copyFileSync(dynamic, at(name))
    chmodSync(at(name), mode)
    return at(name)
  }
  it.each([
    ['nosuchtool', '127 nosuchtool was not found: no directory of PATH has it; check its spelling or install it'],
    ['/no/such', '127 /no/such was not found: there is no such file; check its spelling or install it'],
    ['', "127 '' was not found: no directory of PATH has it; check its spelling or install it"],
    [
      script('valgrind', '#!/bin/sh\n'),
      '126 /valgrind hides the vector registers from signal handlers, so accesses would go wrong under it; ' +
        'build the program with -fsanitize=address instead',
    ],
    [
      suid(0o4755),
      '126 /mode4755 is setuid, so the kernel ignores the preloaded agent; run a copy of it without the privilege',
    ],
    [
      suid(0o2755),
      '126 /mode2755 is setgid, so the kernel ignores the preloaded agent; run a copy of it without the privilege',
    ],
    [script('plain.txt', 'hello', 0o644), '126 /plain.txt is not executable; `chmod +x /plain.txt` lets it run'],
    [
      script('text', 'hello'),
      '126 /text is neither an ELF program nor a script with #!; start it through its interpreter',
    ],
    [folder, '126  is a directory; name the program in it'],
    [
      script('lost.sh', '#!/no/such/shell\n'),
      '127 /lost.sh: its interpreter /no/such/shell was not found; install it or correct the first line',
    ],
    [
      script('endless.sh', `#!${at('endless.sh')}\n`),
      '126 /endless.sh is a script of scripts; name its interpreter directly',
    ],
    [
      header('arm', (bytes) => bytes.writeUInt16LE(183, 18)),
      '126 /arm is a 64-bit ARM program, and the agent traps x86-64 only; build it for x86-64, or install ' +
        'qemu-aarch64 (Debian: qemu-user), which runs it',
    ],
    [
      header('x32', (bytes) => bytes.writeUInt8(1, 4)),
      '126 /x32 is a x32 program, and the agent traps x86-64 only; build it for x86-64',
    ],
    [
      header('power', (bytes) => bytes.writeUInt8(2, 5) && bytes.writeUInt16BE(21, 18)),
      '126 /power is a 64-bit PowerPC program, and the agent traps x86-64 only; build it for x86-64',
    ],
  ])('%s', async (program, message) => {
    expect(await fails(program, { PATH: at('nowhere') })).toBe(message)
  })
})
