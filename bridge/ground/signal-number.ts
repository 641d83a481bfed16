import { constants } from 'node:os'

/** 0 for one that this machine doesn't know. */
export function toSignalNumber(signal: string | undefined): number {
  return constants.signals[signal as NodeJS.Signals] ?? 0
}
