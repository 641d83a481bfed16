/** Verilators since 5.04x leave a compression of their waveforms to a library of the system. */
import { toInstallWords } from '../ground/debian-packages.js'

/** A sentence if that is why the C++ of a model did not compile, by what make and the compilers printed. */
export function missingCompression(output: string): string | undefined {
  if (!/lz4\.h: No such file/.test(output)) return undefined
  return (
    'this Verilator writes waveforms with the library lz4, whose lz4.h is not installed; ' +
    `${toInstallWords('liblz4-dev')}, or run without a waveform`
  )
}
