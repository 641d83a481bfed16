/** Models whose C++ is built with the sanitizers, runtime and harness included, through the project's own build. */
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './places.js'

const sanitized = join(root, 'build/test/sanitized')

/**
 * From here on, compilers add the sanitizers to whatever they are asked for, and models come from a cache of their own.
 * Enumerations are ints here, as nanopb decodes them.
 */
export function useSanitizers(): void {
  const flags =
    '-fsanitize=address,undefined -fno-sanitize=enum -fno-sanitize-recover=all -fno-omit-frame-pointer ' +
    '-D_GLIBCXX_ASSERTIONS'
  mkdirSync(join(sanitized, 'bin'), { recursive: true })
  for (const tool of ['gcc', 'g++']) {
    const script = join(sanitized, 'bin', tool)
    const fresh = `${script}.${process.pid}`
    writeFileSync(fresh, `#!/bin/sh\nPATH="\${PATH#*:}" exec ${tool} ${flags} "$@"\n`)
    chmodSync(fresh, 0o755)
    // Others may be compiling by it.
    renameSync(fresh, script)
  }
  process.env.PATH = `${join(sanitized, 'bin')}:${process.env.PATH}`
  process.env.TRAPLINE_CACHE = join(sanitized, 'cache')
  process.env.ASAN_OPTIONS = 'handle_abort=1:detect_leaks=0'
  process.env.UBSAN_OPTIONS = 'print_stacktrace=1'
}
