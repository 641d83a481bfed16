/**
 * Programs for other machines: they run under the emulator of user programs that this machine has for them (qemu-user),
 * whose loads and stores have the width and the order of the program's own.
 */
import type { ElfHeader } from '../ground/elf.js'

/** By `e_machine`; those of 32 and 64 bits where they share a number. */
const emulators: Record<number, { 32?: string; 64?: string }> = {
  3: { 32: 'qemu-i386' },
  40: { 32: 'qemu-arm' },
  183: { 64: 'qemu-aarch64' },
  243: { 32: 'qemu-riscv32', 64: 'qemu-riscv64' },
}

/** Name of the emulator for such programs; undefined if there is none. */
export function emulatorFor({ machine, bits }: Pick<ElfHeader, 'machine' | 'bits'>): string | undefined {
  return emulators[machine]?.[bits]
}
