/**
 * A package of Bender as a list: what Bender prints for Verilator, a file, a folder or a macro a line, and quotes none
 * of them.
 */
import { dirname } from 'node:path'
import type { PackageList, PackageRun } from './package-list.js'

/** Bender keeps `Bender.lock` beside the package, and brings what that depends on, as it does for everybody. */
export async function benderList({ file, target, run, fault }: PackageRun): Promise<PackageList> {
  const targets = (target?.split(',') ?? []).flatMap((name) => ['-t', name])
  const { ok, output, stdout } = await run(['-d', dirname(file), 'script', 'verilator', ...targets])
  if (!ok)
    throw fault(
      `refused it: ${
        output
          .trim()
          .split('\n')
          .at(-1)
          ?.replace(/^error: /i, '') ?? ''
      }`,
    )
  const lines = stdout.split('\n').map((text, index) => ({ text: toOption(text), line: index + 1 }))
  return { name: `bender script verilator of ${file}`, folder: dirname(file), words: lines.filter(({ text }) => text) }
}

/** A macro's value may have plus signs in it, between which `+define+` has several macros. */
function toOption(line: string): string {
  return line.trim().replace(/^\+define\+/, '-D')
}
