/**
 * SystemVerilog by the lowRISC style guide (its "Verilog Coding Style Guide"), as far as lines and names show it. Not a
 * parser: it knows the text that is kept by these very rules. What Verilator's lint holds (widths, latches, blocking
 * assignments), and the house test (columns, length of files), is not looked at again.
 */

/** A line, from 1, and what is wrong with it. */
export interface Breach {
  line: number
  rule: string
}

/** The AMBA buses of samples are named as the specification names them, with a prefix. */
const standardPort = /^[sm]_(axi|axil|axis)_[a-z]+$/

/** Nothing of what is said, in comments and strings: blanks are in its place. */
function codeOf(text: string): string {
  return text.replaceAll(/\/\/.*|\/\*[^]*?\*\/|"(?:\\.|[^"\\\n])*"/g, (said) => said.replaceAll(/[^\n]/g, ' '))
}

/** All that breaks a rule in the file `name`.sv. */
export function breachesOf(name: string, text: string): Breach[] {
  const code = codeOf(text)
  const found = [...layoutBreaches(text, code), ...nameBreaches(name, code), ...blockBreaches(name, code)]
  return found.sort((a, b) => a.line - b.line)
}

function breach(code: string, at: number, rule: string): Breach {
  return { line: code.slice(0, at).split('\n').length, rule }
}

/** A line after one of these is a statement of its own, and none that goes on. */
const statementEnd = /(?:;|\b(?:begin|end|fork|join\w*)(?:\s*:\s*\w+)?|\belse|\bend[a-z]+(?:\s*:\s*\w+)?|^)$/

function layoutBreaches(text: string, code: string): Breach[] {
  const written = text.split('\n')
  let last = ''
  return code.split('\n').flatMap((line, i) => {
    const whole = written[i] ?? ''
    const indent = line.search(/\S/)
    const rules = [
      /\t/.test(whole) && 'a tabulator',
      / $/.test(whole) && 'blanks at the end',
      indent > 0 && indent % 2 === 1 && statementEnd.test(last) && 'indented by an odd number of blanks',
      /^\s*else\b/.test(line) && /\bend$/.test(last) && 'else is not on the line of its end',
      /\)begin\b/.test(line) && 'no blank before begin',
    ]
    if (indent >= 0) last = line.trim()
    return rules.filter((rule) => rule !== false).map((rule) => ({ line: i + 1, rule }))
  })
}

const upper = /^[A-Z][A-Za-z0-9]*$|^[A-Z][A-Z0-9_]*$/
const lower = /^[a-z][a-z0-9_]*$/

function nameBreaches(name: string, code: string): Breach[] {
  const units = [...code.matchAll(/^\s*(?:module|package|interface|program)\s+(?:automatic\s+|static\s+)?(\w+)/gm)]
  const [unit] = units
  const parameters = [...code.matchAll(/\b(?:parameter|localparam)\b[^=;]*?\b(\w+)\s*(?:\[[^\]]*\]\s*)*=/g)]
  const types = [...code.matchAll(/\btypedef\s+(enum|struct|union|\w)[^;{]*(?:\{[^}]*\}\s*|\b)(\w+)\s*;/g)]
  const members = [...code.matchAll(/\benum\b[^{;]*\{([^}]*)\}/g)].flatMap(({ 1: list = '', index }) =>
    [...list.matchAll(/(?:^|,)\s*(\w+)/g)].map(([, member = '']) => ({ index, member })),
  )
  const variables = [
    ...code.matchAll(/^\s*(?:automatic\s+)?(?:logic|bit|int|longint|string)\b[^;=(]*?\b(\w+)\s*[;=,]/gm),
  ]
  return [
    ...units.slice(1).map(({ index }) => breach(code, index, 'a second module in one file')),
    ...(unit?.[1] === name ? [] : [{ line: 1, rule: `the file is not named as its module, ${unit?.[1] ?? 'none'}` }]),
    ...ports(code).flatMap(({ at, direction, port }) =>
      standardPort.test(port) || suffixOf(direction).test(port)
        ? []
        : [breach(code, at, `${direction} ${port} does not end in ${direction === 'output' ? '_o' : '_i'}`)],
    ),
    ...parameters
      .filter(([, parameter = '']) => !upper.test(parameter))
      .map(({ index, 1: parameter = '' }) => breach(code, index, `parameter ${parameter} is not UpperCamelCase`)),
    ...members
      .filter(({ member }) => !upper.test(member))
      .map(({ index, member }) => breach(code, index, `${member} of an enumeration is not UpperCamelCase`)),
    ...types
      .filter(([, kind, type = '']) => !(kind === 'enum' ? /^[a-z]\w*_e$/ : /^[a-z]\w*_t$/).test(type))
      .map(({ index, 2: type = '' }) =>
        breach(code, index, `type ${type} does not end in _t, or _e of an enumeration`),
      ),
    ...variables
      .filter(([, variable = '']) => !lower.test(variable))
      .map(({ index, 1: variable = '' }) => breach(code, index, `${variable} is not lower_snake_case`)),
  ]
}

function suffixOf(direction: string): RegExp {
  return direction === 'input' ? /_n?i$/ : direction === 'output' ? /_n?o$/ : /_n?io$/
}

/** Of the headers of modules: arguments of functions have a direction, too. */
function ports(code: string): { at: number; direction: string; port: string }[] {
  return [...code.matchAll(/^\s*module\b[^;]*;/gm)].flatMap((header) =>
    [...header[0].matchAll(/\b(input|output|inout)\b[^,;]*?(\w+)\s*(?:\[[^\]]*\]\s*)?(?=[,)]\s|\n)/g)].map((port) => ({
      at: header.index + port.index,
      direction: port[1] ?? '',
      port: port[2] ?? '',
    })),
  )
}

function blockBreaches(name: string, code: string): Breach[] {
  const guard = `${name.toUpperCase()}_SV` // of a file that others include
  const forbidden: [RegExp, string][] = [
    [/\balways\b/g, 'always: say always_ff, always_comb or always_latch'],
    [/\bcasex\b/g, 'casex'],
    [/\b(?:wire|reg)\b/g, 'wire or reg: say logic'],
    [/\bdefparam\b/g, 'defparam'],
    [/\(\s*\.\*/g, 'ports connected by .*'],
    [new RegExp(`\`(?:define|undef|ifdef|ifndef|timescale)\\b(?! ${guard}\\b)`, 'g'), 'a macro'],
    // At the indentation of a module's items, a loop or a condition generates.
    [/^ {2}(?:for|if|else|end else)\b(?:(?!begin).)*begin\s*$/gm, 'a generated block without a label'],
    [/^\s*for \(genvar(?:(?!begin).)*(?:begin(?! : gen_[a-z0-9_]+)|$)/gm, 'a generated loop without a label gen_…'],
  ]
  return forbidden.flatMap(([pattern, rule]) =>
    [...code.matchAll(pattern)].map(({ index }) => breach(code, index, rule)),
  )
}
