/** Owns the help texts of `firn`. */
import type { Command, Flag } from './command.ts';
import { COMMON_FLAGS } from './parse-command-line.ts';

function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

function flagRow(flag: Flag): readonly [string, string] {
  const short = flag.short === undefined ? '    ' : `-${flag.short}, `;
  return [`${short}--${flag.name}${flag.value === undefined ? '' : ` ${flag.value}`}`, flag.description];
}

/** The line that says how a command is written. */
export function usageLine(command: Command | undefined): string {
  if (command === undefined) return 'Usage: firn COMMAND [flags]';
  return `Usage: firn ${command.name} ${command.operands}${command.operands === '' ? '' : ' '}[flags]`;
}

/** The help text of one command. */
export function commandHelp(command: Command): string {
  return [
    command.description,
    '',
    usageLine(command),
    '',
    'Flags:',
    ...columns([...command.flags, ...COMMON_FLAGS].map(flagRow)),
    '',
    'Examples:',
    ...command.examples.map((example) => `  ${example}`),
    '',
  ].join('\n');
}

/** The help text of `firn`. */
export function generalHelp(commands: readonly Command[]): string {
  return [
    'firn keeps Kubernetes state: it lists, watches, indexes, and shows what changes.',
    '',
    usageLine(undefined),
    '',
    'Commands:',
    ...columns(commands.map((command) => [command.name, command.summary] as const)),
    '',
    'firn COMMAND --help tells more about a command; firn --version shows the version.',
    'Exit codes: 0 done, 1 failed, 2 wrong command line, 130 interrupted.',
    '',
  ].join('\n');
}
