/** What lies beside a waveform, so that viewers open it with the bus, what software is at, and interrupts laid out. */
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { toSaveFile } from './gtkwave.js'
import { toCommandFile } from './surfer.js'
import type { LaidGroup } from './wave-groups.js'

function besideOf(waveform: string, ending: string): string {
  return waveform.replace(/(\.fst)?$/, ending)
}

/**
 * @param waveform an absolute path
 * @param atPs where it is to be looked at, else at its begin
 */
export function writeLayouts(waveform: string, groups: LaidGroup[], atPs?: bigint): void {
  writeFileSync(besideOf(waveform, '.gtkw'), toSaveFile(waveform, groups, atPs))
  writeFileSync(besideOf(waveform, '.sucl'), toCommandFile(groups, atPs))
}

export function removeLayouts(waveform: string): void {
  for (const ending of ['.gtkw', '.sucl']) rmSync(besideOf(waveform, ending), { force: true })
}

/** What opens it, as words of a command line, with the layout that lies beside it. */
export function viewersOf(waveform: string): Record<'gtkwave' | 'surfer', string[]> {
  const [save, commands] = ['.gtkw', '.sucl'].map((ending) => besideOf(waveform, ending)) as [string, string]
  return {
    gtkwave: ['gtkwave', waveform, ...(existsSync(save) ? [save] : [])],
    surfer: ['surfer', waveform, ...(existsSync(commands) ? ['--command-file', commands] : [])],
  }
}
