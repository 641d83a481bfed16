/** Scripts that complete commands and their flags in bash, zsh and fish, made from the table of commands. */
import type { Command, Option } from 'commander'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

export function toCompletion(program: Command, shell: Shell): string {
  return { bash: toBash, zsh: toZsh, fish: toFish }[shell](program)
}

/** Behind `run`'s program stands what is not ours: its own completion, or files. */
function toBash({ commands }: Command): string {
  const cases = commands.map((one) => `    ${one.name()}) words='${flagsOf(one).join(' ')}' ;;`)
  const chosen = commands.flatMap(({ options }) => options.filter(({ argChoices }) => argChoices))
  const values = new Map(chosen.map(({ long, argChoices }) => [long, argChoices?.join(' ')]))
  return `# bash completion of trapline: source it, or put it where bash-completion looks
_trapline() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} words=
  COMPREPLY=()
  case $previous in
${[...values].map(([flag, of]) => `    ${flag}) words='${of}' ;;\n`).join('')}  esac
  if [ -z "$words" ] && [ "$COMP_CWORD" = 1 ]; then words='${namesOf(commands).join(' ')}'; fi
  if [ -z "$words" ] && [ "\${current#-}" != "$current" ]; then
    case \${COMP_WORDS[1]} in
${cases.map((one) => `  ${one}`).join('\n')}
    esac
  fi
  if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$current")); fi
}
complete -o default -F _trapline trapline
`
}

function toZsh({ commands }: Command): string {
  const described = commands.map((one) => `    ${quote(`${one.name()}:${one.description()}`)}`)
  const cases = commands.map((one) => {
    const specs = one.options.flatMap(toZshSpecs)
    return `    ${one.name()})\n      _arguments -S ${specs.join(' ')} '*::: :_default' ;;`
  })
  return `#compdef trapline
# zsh completion of trapline: put it into a folder of $fpath as _trapline
_trapline() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _trapline ]; then _trapline "$@"; else compdef _trapline trapline; fi
`
}

function toZshSpecs(option: Option): string[] {
  const { argChoices, description, required, variadic } = option
  const value = argChoices ? `(${argChoices.join(' ')})` : '_files'
  const takes = required || variadic ? `: :${value}` : ''
  const text = description.replace(/[[\]:\\]/g, (sign) => `\\${sign}`)
  return namesOfFlag(option).map((name) => quote(`*${name}[${text}]${takes}`))
}

function toFish({ commands }: Command): string {
  const unsaid = `-n 'not __fish_seen_subcommand_from ${namesOf(commands).join(' ')}'`
  const lines = commands.flatMap((one) => [
    `complete -c trapline ${unsaid} -f -a ${one.name()} -d ${quote(one.description())}`,
    ...one.options.map((option) => {
      const short = option.short ? ` -s ${option.short.slice(1)}` : ''
      const takes = option.required ? ` -r${option.argChoices ? ` -f -a '${option.argChoices.join(' ')}'` : ''}` : ''
      const long = option.long?.slice(2) ?? ''
      const when = `-n '__fish_seen_subcommand_from ${one.name()}'`
      return `complete -c trapline ${when}${short} -l ${long}${takes} -d ${quote(option.description)}`
    }),
  ])
  return `# fish completion of trapline: put it into ~/.config/fish/completions as trapline.fish\n${lines.join('\n')}\n`
}

function namesOf(commands: readonly Command[]): string[] {
  return commands.map((one) => one.name())
}

function flagsOf({ options }: Command): string[] {
  return [...options.flatMap(namesOfFlag), '--help']
}

function namesOfFlag({ short, long }: Option): string[] {
  return [short, long].filter((name) => name !== undefined)
}

/** In single quotes, as all three shells read it. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
