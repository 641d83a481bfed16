/** Programs built with the sanitizers run, and their findings are theirs to report. */
import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

const ram = configOf('axil_ram')

function compile(scratch: Scratch, body: string): string {
  const source = scratch.write(
    'host.c',
    `#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
int main(void) {
  volatile unsigned *device = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, open("/dev/mem", O_RDWR), ${base});
  device[0] = 5;
  ${body}
}
`,
  )
  const program = `${source}.out`
  execFileSync('gcc', ['-g', '-O1', '-fsanitize=address,undefined', '-o', program, source])
  return program
}

it('accesses trap as ever', async () => {
  const scratch = makeScratch()
  const { stdout, log } = await runHost(scratch, ram, [compile(scratch, 'printf("%u\\n", device[0]); return 0;')])
  expect(stdout).toBe('5\n')
  expect(log).toHaveLength(2)
})

it('a heap overflow by a value of the device is reported', async () => {
  const scratch = makeScratch()
  const program = compile(scratch, 'char *heap = malloc(4); heap[device[0]] = 1; return heap[0];')
  const { status, stderr } = await runHost(scratch, ram, [program])
  expect(stderr).toMatch(/AddressSanitizer: heap-buffer-overflow/)
  expect(status).toBe(1)
})

it('so is a null pointer', async () => {
  const scratch = makeScratch()
  const program = compile(scratch, 'volatile int *null = (int *)(unsigned long)(device[0] - 5); return *null;')
  const { stderr } = await runHost(scratch, ram, [program])
  expect(stderr).toMatch(/AddressSanitizer: SEGV on unknown address 0x0+ .*\n.*READ|UndefinedBehavior|null pointer/)
})
