/** Programs of 32 bits (i386), natively: the agent, of 64 bits, is brought into them. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { base, configOf, sampleModel } from '../support/configs.js'
import { root } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { runHost, toWords } from '../support/trapline.js'

const ram = configOf(sampleModel('axil_ram', { DataWidth: 64 }))
const device = ['/dev/mem', `${base}`]
const compiler = 'i686-linux-gnu-gcc'
const libraries = '/usr/i686-linux-gnu/lib'
const missing = [
  ...(spawnSync(compiler, ['--version']).status === 0 ? [] : [compiler]),
  ...(existsSync('/proc/sys/abi/vsyscall32') ? [] : ['a kernel that runs such programs']),
]
const reason = missing.length > 0 ? ` (needs ${missing.join(' and ')})` : ''

const kinds: [string, string[]][] = [
  ['static', ['-static']],
  ['dynamic', [`-Wl,-dynamic-linker=${libraries}/ld-linux.so.2`, `-Wl,--disable-new-dtags,-rpath=${libraries}`]],
]

function compile(scratch: Scratch, flags: string[], name: string): string {
  const program = join(scratch.path, name)
  const source = join(root, `test/e2e/hosts/${name}.c`)
  execFileSync(compiler, ['-std=c17', '-O2', '-msse2', '-D_GNU_SOURCE', ...flags, '-o', program, source])
  return program
}

function toUnreachable(call: string): string {
  return `${call} points into a window of /dev/mem, which the kernel can't reach: it fails with EFAULT`
}

describe.skipIf(missing.length > 0).each(kinds)(`a program of 32 bits, %s${reason}`, (_kind, flags) => {
  it('makes accesses of every width, each of them one', async () => {
    const scratch = makeScratch()
    const program = compile(scratch, flags, 'accesses32')
    const { status, stdout, log, sentences } = await runHost(scratch, ram, [program, ...device])
    const word = '1122334455667708\n'
    expect({ status, stdout }).toEqual({ status: 0, stdout: word.repeat(3) })
    const value = '0x0877665544332211'
    expect(log.slice(0, 10).map(toWords)).toEqual([
      'write dut+0x0 4 B = 0x44332211',
      'write dut+0x4 2 B = 0x6655',
      'write dut+0x6 1 B = 0x77',
      'write dut+0x7 1 B = 0x08',
      `read dut+0x0 8 B = ${value}`,
      `write dut+0x20 8 B = ${value}`,
      `read dut+0x0 8 B = ${value}`,
      `write dut+0x28 8 B = ${value}`,
      `read dut+0x0 8 B = ${value}`,
      `write dut+0x30 8 B = ${value}`,
    ])
    expect(log.slice(12).map((access) => toWords(access).replace(/ =.*/, ''))).toEqual(
      Array.from({ length: 20 }, (_, i) => `read dut+0x${(4 * i).toString(16)} 4 B`),
    )
    expect(sentences.filter((sentence) => sentence.includes('qemu'))).toEqual([])
  })

  it.each(['calls32', 'more_calls32'])('is told by its system calls what it is told natively: %s', async (name) => {
    const scratch = makeScratch()
    const program = compile(scratch, flags, name)
    const natively = execFileSync(program, ['file'], { cwd: scratch.path, encoding: 'utf8' })
    const { status, stdout } = await runHost(scratch, ram, [program, 'file', ...device], { cwd: scratch.path })
    expect({ status, stdout }).toEqual({ status: 0, stdout: natively })
  })

  it('finds a device by the first forms of calls, and waits in simulated time by them', async () => {
    const scratch = makeScratch()
    const program = compile(scratch, flags, 'device_calls32')
    const config = { ...ram, time: 'virtual' } as const
    const { status, stdout, sentences } = await runHost(scratch, config, [program, ...device])
    expect({ status, stdout: stdout.split('\n') }).toEqual({
      status: 0,
      stdout: [
        ...['stat: well', 'types 20000 20000', 'statfs: well', 'io_setup: well', 'io_submit: Invalid argument'],
        ...['futex: Connection timed out', 'setitimer: well', 'sigsuspend: Interrupted system call'],
        ...['timerfd_settime: well', 'read: well', ''],
      ],
    })
    expect(sentences.filter((sentence) => sentence.startsWith('io_submit()'))).toHaveLength(1)
  })

  it('is told what it is told natively, and has as much written, where calls point into a window', async () => {
    const scratch = makeScratch()
    const program = compile(scratch, flags, 'pointed_calls32')
    const natively = execFileSync(program, ['file'], { cwd: scratch.path, encoding: 'utf8' })
    const { status, stdout } = await runHost(scratch, ram, [program, 'file', ...device], { cwd: scratch.path })
    expect({ status, stdout }).toEqual({ status: 0, stdout: natively })
  })

  it('is told EFAULT, and a line why, where what calls point at is not carried', async () => {
    const scratch = makeScratch()
    const program = compile(scratch, flags, 'unreachable')
    const { status, stdout, sentences } = await runHost(scratch, ram, [program, ...device, 'left'])
    expect({ status, stdout }).toEqual({ status: 125, stdout: 'futex: Bad address\nname_to_handle_at: Bad address\n' })
    expect(sentences).toEqual(expect.arrayContaining(['futex()', 'system call 341'].map(toUnreachable)))
  })

  it('may choose where a window lies, and fail for other pointers', async () => {
    const scratch = makeScratch()
    const program = compile(scratch, flags, 'unreachable')
    const fixed = await runHost(scratch, ram, [program, ...device, 'fixed'])
    expect([fixed.status, fixed.stdout]).toEqual([0, 'mmap: well\nuname: well\nits words: well\n'])
    const beside = await runHost(scratch, ram, [program, ...device, 'beside'])
    expect([beside.status, beside.stdout]).toEqual([0, 'access: Bad address\n'])
  })

  it('makes accesses under a filter of its own that allows nothing', async () => {
    const scratch = makeScratch()
    const program = compile(scratch, flags, 'allows_nothing')
    const { status, log } = await runHost(scratch, ram, [program, ...device], { byGrpc: 'it confines itself' })
    expect({ status, log: log.map(toWords) }).toEqual({
      status: 17,
      log: ['write dut+0x0 4 B = 0x00000011', 'read dut+0x0 4 B = 0x00000011'],
    })
  })

  it('lists a directory, also where it has room for places of 32 bits only', async () => {
    const scratch = makeScratch()
    scratch.write(
      'list.c',
      `#include <dirent.h>
       #include <errno.h>
       #include <stdio.h>
       int main(void) {
         DIR *here = opendir(".");
         int count = 0;
         errno = 0;
         while (readdir(here)) count++;
         printf("%d entries, errno %d\\n", count, errno);
       }\n`,
    )
    execFileSync(compiler, [...flags, '-o', 'list', 'list.c'], { cwd: scratch.path })
    const natively = execFileSync('./list', { cwd: scratch.path, encoding: 'utf8' })
    expect(natively).toBe('4 entries, errno 0\n')
    const folder = { cwd: scratch.path }
    const { status, stdout } = await runHost(scratch, ram, ['sh', '-c', 'mkdir d; cd d; touch a b; ../list'], folder)
    expect({ status, stdout }).toEqual({ status: 0, stdout: natively })
  })

  it('has children, of 32 bits and of 64', async () => {
    const scratch = makeScratch()
    scratch.write(
      'parent.c',
      `#include <stdio.h>
       #include <stdlib.h>
       #include <unistd.h>
       int main(int n, char **v) {
         char line[64];
         FILE *pipe = popen(v[1], "r");
         while (fgets(line, sizeof line, pipe)) fputs(line, stdout);
         fflush(stdout);
         if (pclose(pipe) != 0 || system(v[1]) != 0) return 1;
         return execl("/bin/sh", "sh", "-c", v[1], NULL);
       }\n`,
    )
    execFileSync(compiler, [...flags, '-o', 'parent', 'parent.c'], { cwd: scratch.path })
    compile(scratch, flags, 'accesses32')
    const { status, stdout, log } = await runHost(
      scratch,
      ram,
      ['./parent', `./accesses32 ${device.join(' ')} | tail -n 1`],
      { cwd: scratch.path },
    )
    expect({ status, stdout }).toEqual({ status: 0, stdout: '1122334455667708\n'.repeat(3) })
    expect(log).toHaveLength(3 * 32)
  })
})

const missingTools = ['as', 'ld'].filter((program) => spawnSync(program, ['--version']).status !== 0)

it.skipIf(missingTools.length > 0 || !existsSync('/proc/sys/abi/vsyscall32'))(
  'one without libc, by int 0x80',
  async () => {
    const scratch = makeScratch()
    const source = join(root, 'test/e2e/tools/registers_i386.s')
    const options = { cwd: scratch.path }
    execFileSync('as', ['--32', '--defsym', `MAP_PAGE=${base / 4096}`, '-o', 'driver.o', source], options)
    execFileSync('ld', ['-m', 'elf_i386', '-o', 'driver', 'driver.o'], options)
    const { status, log, sentences } = await runHost(scratch, ram, [join(scratch.path, 'driver')])
    expect(status).toBe(0x29)
    expect(log.map(toWords)).toEqual(['write dut+0x8 4 B = 0x11223329', 'read dut+0x8 1 B = 0x29'])
    expect(sentences.filter((sentence) => sentence.includes('qemu'))).toEqual([])
  },
)
