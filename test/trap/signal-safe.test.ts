/** The law of the fault path is enforced by the compiler: what may not run in the handler can't be named there. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../support/places.js'

const trap = join(root, 'trap')

/**
 * `interpose/` runs in ordinary calls of the host, what lies beside the rooms at start-up or in calls of programs that
 * link with us.
 */
const rooms = ['ground', 'lane', 'instruction', 'memory', 'time', 'device', 'trap']

/** Files that never run in the handler, and why. */
const exempt: Record<string, string> = {
  'lane/bridge_address.c': 'read once, at start-up',
  'ground/second_world_blocks.c': 'runs at start-up, and in system calls of the host',
  'ground/low_world.c': 'runs at start-up',
  'memory/closed_pages.c': 'called by interpose/ and watch.c',
  'lane/nghttp2_stderr.c': 'gives nghttp2 a stderr that it never uses',
  'device/handle.c': 'called by interpose/',
  'device/node.c': 'called by interpose/',
  'device/node_open.c': 'called by interpose/',
  'device/path.c': 'called by interpose/',
}

const onFaultPath = rooms
  .flatMap((room) => readdirSync(join(trap, room)).map((file) => join(room, file)))
  .filter((file) => file.endsWith('.c') && !exempt[file])

it.each(onFaultPath)("%s includes signal_safe.h after the system's headers", (file) => {
  const includes: string[] = readFileSync(join(trap, file), 'utf8').match(/^#include .*/gm) ?? []
  const law = includes.findIndex((include) => include.endsWith('signal_safe.h"'))
  expect(law).toBeGreaterThan(includes.findLastIndex((include) => include.startsWith('#include <')))
})

function compile(body: string) {
  const source =
    `#include <stdio.h>\n#include <stdlib.h>\n#include <sys/mman.h>\n#include ` + `"ground/signal_safe.h"\n${body}\n`
  const args = ['-std=c17', '-D_GNU_SOURCE', '-fsyntax-only', `-I${trap}`, '-x', 'c', '-']
  return spawnSync('gcc', args, { input: source, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } })
}

it('a file that keeps the law compiles', () => {
  expect(compile('int add(int a, int b) { return a + b; }')).toMatchObject({ status: 0, stderr: '' })
})

it.each([
  ['malloc', 'void *f(void) { return malloc(1); }'],
  ['free', 'void f(void *p) { free(p); }'],
  ['printf', 'int f(void) { return printf("x"); }'],
  ['snprintf', 'int f(char *s) { return snprintf(s, 1, "x"); }'],
  ['mmap', 'void *f(void) { return mmap(0, 1, 0, 0, 0, 0); }'],
])('%s does not', (name, body) => {
  const { status, stderr } = compile(body)
  expect(status).not.toBe(0)
  expect(stderr).toMatch(new RegExp(`attempt to use poisoned ['"]${name}['"]`))
})
