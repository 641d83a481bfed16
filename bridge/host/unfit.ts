/**
 * Programs that no agent can be preloaded into, and what runs many of them all the same: an agent that is brought into
 * them where they begin (trap/enter/), or the emulator of user programs (qemu-user), which is one that can, and whose
 * loads and stores have the width and the order of the program's own.
 */
import { existsSync } from 'node:fs'
import { machineX8664, toMachineName, type ElfHeader } from '../ground/elf.js'

export interface Unfit {
  /** Continues the program's name to a sentence. */
  problem: string
  /** What its author can do. */
  way: string
  /** Name of what runs it; undefined if nothing does. */
  emulator: string | undefined
  /** Whether the agent can be brought in. */
  canBeEntered: boolean
}

/** Of other machines by `e_machine`: those of 32 and of 64 bits where they share a number. */
const emulators: Record<number, { 32?: string; 64?: string }> = {
  40: { 32: 'qemu-arm' },
  183: { 64: 'qemu-aarch64' },
  243: { 32: 'qemu-riscv32', 64: 'qemu-riscv64' },
}
const ownEmulator = 'qemu-x86_64'
const machineI386 = 3

/**
 * Whether the kernel has the means for it (CONFIG_IA32_EMULATION, arch/x86/entry/vdso/vdso32-setup.c), and the machine
 * the program's loader: of libraries that lie elsewhere only an emulator is told.
 */
function runsI386({ interpreter }: ElfHeader): boolean {
  return existsSync('/proc/sys/abi/vsyscall32') && (interpreter === undefined || existsSync(interpreter))
}

/** Of other machines, as the agent knows a program's. */
export const foreignEmulators = Object.entries(emulators).flatMap(([machine, of]) =>
  Object.entries(of).map(([bits, name]) => ({ machine: Number(machine), bits: Number(bits), name })),
)

/** All of them. */
export const emulatorNames = [ownEmulator, ...Object.values(emulators).flatMap((of) => Object.values(of))]

/** Undefined if an agent can be in the program. */
export function judgeElf(elf: ElfHeader, path: string): Unfit | undefined {
  if (elf.machine === machineI386 && elf.bits === 32) {
    const problem = 'is a 32-bit program, so no agent can be preloaded'
    return { problem, way: 'build it for x86-64', emulator: 'qemu-i386', canBeEntered: runsI386(elf) }
  }
  if (elf.machine !== machineX8664 || elf.bits !== 64) {
    const kind = elf.bits === 32 && elf.machine === machineX8664 ? 'x32' : toMachineName(elf.machine)
    const problem = `is a ${kind} program, and the agent traps x86-64 only`
    return { problem, way: 'build it for x86-64', emulator: emulators[elf.machine]?.[elf.bits], canBeEntered: false }
  }
  const own = { emulator: ownEmulator, canBeEntered: true }
  const isLoader = elf.interpreter === undefined && elf.hasName
  if (elf.interpreter === undefined && !isLoader)
    return {
      ...own,
      problem: 'is statically linked, so no agent can be preloaded',
      way: 'use its dynamically linked build',
    }
  if (/ld-musl/.test(elf.interpreter ?? path))
    return { ...own, problem: 'is linked with musl, and the agent needs glibc', way: 'use its glibc build' }
  if (elf.isDynamic && elf.needed.length === 0 && !isLoader)
    return {
      ...own,
      problem: 'uses no libc, so the agent sees nothing of what it opens',
      way: 'let C code open and map the device, in Go through cgo',
    }
  return undefined
}
