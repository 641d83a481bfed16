/**
 * Puts the command line into one file, beside the one that tsc wrote: reading hundreds of small ones would take longer
 * than all that a run does before its host starts. `ground/kept-code.ts` loads it. What is imported as a library, and
 * its types, stay as tsc made them.
 */
import { createHash } from 'node:crypto'
import { defineConfig } from 'rolldown'

/**
 * Seals the file with its own digest, by which what V8 made of it is known. Characters beyond ASCII are written as
 * escapes: V8 keeps a text that has none in half the space, and it is read without being decoded.
 */
const sealed = {
  name: 'sealed',
  generateBundle(_options, bundle) {
    for (const part of Object.values(bundle)) {
      if (part.type !== 'chunk') continue
      if (/(?<![.\w])import\(/.test(part.code))
        throw new Error('ground/kept-code.ts knows no import() of what is left outside')
      const plain = part.code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      // As a function of what CommonJS has, so that nobody need make another text of two megabytes of it.
      const code = `(function (exports, require, module, __filename, __dirname) {${plain}\n})`
      part.code = `/* ${createHash('sha256').update(code).digest('hex')} */${code}`
    }
  },
}

/**
 * Node's own modules are asked for as CommonJS does: the `import` of one makes all that it exports, of which `node:fs`
 * has whole families that are made when they are looked at.
 */
const unimported = {
  name: 'unimported',
  renderChunk(code) {
    const names = (list) => list.replaceAll(' as ', ': ')
    const asked = code.replace(
      /^import \{([^}]*)\} from ("node:\w+");$/gm,
      (_whole, list, name) => `const {${names(list)}} = process.getBuiltinModule(${name});`,
    )
    if (/^import /m.test(asked)) throw new Error('start.ts imports more than names of modules of Node')
    return { code: asked, map: null }
  },
}

const shared = { platform: 'node', transform: { target: 'node20' } }

export default defineConfig([
  {
    ...shared,
    input: { main: 'bridge/start.ts' },
    output: { dir: 'build/bridge', format: 'esm', sourcemap: true },
    plugins: [unimported],
  },
  {
    ...shared,
    input: { main: 'bridge/main.ts' },
    // `long` would compile a module of it at each start, for divisions that nobody makes; it does without, too.
    transform: { ...shared.transform, define: { WebAssembly: 'undefined' } },
    // They look for files of their own beside them.
    external: ['jiti', '@grpc/proto-loader', '@grpc/reflection', 'grpc-health-check'],
    output: { file: 'build/bridge/command-line/main.cjs', format: 'cjs', codeSplitting: false, comments: false },
    plugins: [sealed],
  },
])
