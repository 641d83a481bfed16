/**
 * Arguments, variables and names of files are bytes: a program gets them as they were given, though they are no text.
 */
import { spawnSync } from 'node:child_process'
import { describe, expect, it, onTestFinished } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { host } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { startTrapline, trapline } from '../support/trapline.js'

/** ÿ of Latin-1; what begins a sequence of UTF-8 and does not end it; a surrogate; an overlong zero. */
const bytes = String.raw`\377 a\360\237\230z\355\240\200\300\200\303`
const hex = 'ff2061f09f987aeda080c080c3'
const text = 'ü €'

const hasGdb = spawnSync('gdb', ['--version']).status === 0

/** Runs the command line behind a shell script, in which `$odd` is those bytes and `"$@"` the command line. */
function behind(script: string, ...words: string[]): string[] {
  return ['sh', '-c', `odd=$(printf '${bytes}'); ${script}`, 'sh', ...words]
}

function flags(scratch: Scratch, ...more: string[]): string[] {
  return ['run', '--config', scratch.write('c.json', configOf('axil_regs')), ...more, '--']
}

const show = ['sh', '-c', `printf '%s' "$2" "$1" "$ODD" | od -An -v -tx1 | tr -d ' \\n'`, text]
const shown = `${hex}${Buffer.from(text).toString('hex')}${hex}`

it('arguments and variables', async () => {
  const scratch = makeScratch()
  const wrapper = behind('ODD=$odd exec "$@" "$odd"')
  const { status, stdout } = await trapline(scratch, [...flags(scratch), ...show, text], { wrapper })
  // `$0` of the shell is one word of text, `$1` another, `$2` the bytes.
  expect({ status, stdout }).toEqual({ status: 0, stdout: shown })
})

it('names of variables', async () => {
  const scratch = makeScratch()
  const wrapper = behind('exec env "Q$odd=$odd" "$@"')
  // The shell itself has no use for such a name.
  const { stdout } = await trapline(
    scratch,
    [...flags(scratch), 'sh', '-c', 'grep -az ^Q /proc/$$/environ | od -An -v -tx1'],
    {
      wrapper,
    },
  )
  expect(stdout.replace(/\s/g, '')).toBe(`51${hex}3d${hex}00`)
})

it('on a bridge elsewhere', async () => {
  const scratch = makeScratch()
  const bridge = startTrapline(scratch, ['serve', '--config', scratch.write('c.json', configOf('axil_regs'))])
  onTestFinished(async () => {
    bridge.kill('SIGTERM')
    await bridge.ended
  })
  const [address] = await bridge.untilStdout(/^unix:.+$/m)
  const wrapper = behind('ODD=$odd exec "$@" "$odd"')
  const { status, stdout } = await trapline(scratch, ['run', '--bridge', address, '--', ...show, text], { wrapper })
  expect({ status, stdout }).toEqual({ status: 0, stdout: shown })
})

describe('the program', () => {
  const [poke, ...words] = [host('poke'), '/dev/mem', `${base}`, '4', '4']

  it.each([
    ['by its path', 'exec "$@" "./$odd/$odd"'],
    ['in PATH', 'PATH=$PWD/$odd:$PATH; exec "$@" "$odd"'],
    ['in the working directory', 'cd "$odd"; exec "$@" "./$odd"'],
    ['beside the working directory', 'mkdir "$odd/in"; cd "$odd/in"; exec "$@" "../$odd"'],
    ['as a script', `printf '#!/bin/sh\\nexec "\${0%%/*}/%s" "$@"' "$odd" > "$odd/s"; exec "$@" "./$odd/s"`],
  ])('%s', async (_where, script) => {
    const scratch = makeScratch()
    const cwd = scratch.folder()
    const wrapper = behind(
      `mkdir "$odd"; cp ${poke} "$odd/$odd"; chmod +x "$odd"/*; [ -e "$odd/s" ] || : > "$odd/s"; chmod +x "$odd/s"; ` +
        `set -- "$@"; ${script} ${words.join(' ')}`,
    )
    const { status, stdout, stderr } = await trapline(scratch, flags(scratch), { wrapper, cwd })
    expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: '0x54524150\n' })
  })

  it.skipIf(!hasGdb)('under gdb (needs gdb)', async () => {
    const scratch = makeScratch()
    const cwd = scratch.folder()
    const source = scratch.write(
      'show.c',
      '#include <stdio.h>\nint main(int c, char **v) { return puts(v[c - 1]) < 0; }\n',
    )
    const script = `mkdir "$odd"; gcc -o "$odd/$odd" ${source}; echo run | exec "$@" "./$odd/$odd" "$(printf '\\377')"`
    const { stdout } = await trapline(scratch, flags(scratch, '--gdb'), { wrapper: behind(script), cwd })
    expect(stdout).toMatch(/^\uFFFD$/m)
  })
})

it('what is not there is said to be not there', async () => {
  const scratch = makeScratch()
  const { status, sentences } = await trapline(scratch, flags(scratch), { wrapper: behind('exec "$@" "./$odd"') })
  expect(sentences).toEqual([expect.stringMatching(/^\.\/\uFFFD .* was not found: there is no such file/)])
  expect(status).toBe(127)
})
