/** Privileges that the kernel gives one by one (capabilities(7)). */
import { readFileSync } from 'node:fs'

/** Numbers of linux/capability.h. */
const numbers = { CAP_SYS_RAWIO: 17n, CAP_SYS_ADMIN: 21n }

/** Whether this process has it in effect. */
export function hasCapability(name: keyof typeof numbers): boolean {
  const [, effective = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return (BigInt(`0x${effective}`) >> numbers[name]) % 2n === 1n
}
