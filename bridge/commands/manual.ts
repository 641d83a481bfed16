/** The manual page, trapline(1), made from the table of commands: what `--help` says, as man(1) shows it. */
import type { Command, Option } from 'commander'
import { version } from '../ground/version.js'
import { examples } from './examples.js'

export function toManual(program: Command): string {
  return [
    `.TH TRAPLINE 1 "" "trapline ${version}" "User commands"`,
    '.SH NAME',
    `trapline \\- ${toText(program.description())}`,
    '.SH SYNOPSIS',
    '.B trapline',
    '.I command',
    toText('[option …]'),
    '.SH COMMANDS',
    ...program.commands.flatMap(toCommand),
    '.SH EXIT STATUS',
    toText(
      "The program's own; 125 if Trapline failed or the bus misbehaved, 126 if the program can't be run or trapped,",
    ),
    toText('127 if it was not found.'),
    '.SH EXAMPLES',
    ...program.commands.flatMap((command) => (examples[command.name()] ?? []).flatMap(toExample)),
    '',
  ].join('\n')
}

function toCommand(command: Command): string[] {
  const takes = command.registeredArguments.map((one) => `<${one.name()}>${one.variadic ? '…' : ''}`)
  const head = ['trapline', command.name(), '[option …]', ...takes].join(' ')
  return [`.SS ${toText(head)}`, toText(`${command.description()}.`), ...command.options.flatMap(toOption)]
}

function toOption({ flags, description, envVar, argChoices }: Option): string[] {
  const also = [argChoices && `one of ${argChoices.join(', ')}`, envVar && `variable ${envVar}`].filter(Boolean)
  return ['.TP', `.B ${toText(flags)}`, toText(`${description}${also.length > 0 ? ` (${also.join('; ')})` : ''}`)]
}

function toExample(line: string): string[] {
  return ['.PP', '.nf', toText(line), '.fi']
}

/** Words of man(7): none of its requests, and a hyphen that can be searched for. */
function toText(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replace(/^(['.])/, '\\&$1')
}
