/** Owns the reading of a command line: which command, with which flags and operands. */
import { parseArgs } from 'node:util';
import { nearestNames } from '../nearest-name.ts';
import type { Command, Flag, FlagValues } from './command.ts';
import { UsageError } from './usage-error.ts';

/** What a command line asks for. */
export type CommandLine =
  | { readonly kind: 'version' }
  | { readonly kind: 'help'; readonly command: Command | undefined }
  | {
      readonly kind: 'run';
      readonly command: Command;
      readonly flags: FlagValues;
      readonly operands: readonly string[];
    };

/** The flags that every command has. */
export const COMMON_FLAGS: readonly Flag[] = [
  { name: 'help', short: 'h', description: 'Show this text.' },
  {
    name: 'color',
    value: 'WHEN',
    choices: ['auto', 'always', 'never'],
    description: 'Colours: auto (on a terminal, unless NO_COLOR is set), always, never.',
  },
];

const VERSION_FLAG: Flag = { name: 'version', description: 'Show the version.' };

interface Token {
  readonly flag:
    | {
        readonly name: string;
        readonly written: string;
        readonly value: string | undefined;
        /** Written as `--flag=value`: whatever follows is the value. */
        readonly joined: boolean;
      }
    | undefined;
  readonly operand: string | undefined;
}

function tokenize(args: readonly string[], flags: readonly Flag[]): readonly Token[] {
  const options = Object.fromEntries(
    flags.map(({ name, short, value }) => [
      name,
      {
        type: value === undefined ? ('boolean' as const) : ('string' as const),
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens.flatMap((token): Token[] => {
    if (token.kind === 'positional') return [{ flag: undefined, operand: token.value }];
    if (token.kind === 'option-terminator') return [];
    const { name, rawName: written, value, inlineValue } = token;
    return [{ flag: { name, written, value, joined: inlineValue === true }, operand: undefined }];
  });
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}

function guess(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : ` Did you mean ${suggestion}?`;
}

function findCommand(name: string, commands: readonly Command[]): Command {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const names = commands.map((command) => command.name);
  const suggestion = nearestNames(name, names, 1)[0];
  const what = suggestion === undefined ? `: ${names.join(', ')}.` : `.${guess(suggestion)}`;
  throw new UsageError(`there is no command ${quoted(name)}${what}`, { suggestion });
}

function unknownFlag(written: string, flags: readonly Flag[], command: Command | undefined): UsageError {
  const owner = command === undefined ? 'firn' : `firn ${command.name}`;
  const fact = `${owner} has no flag ${quoted(written)}.`;
  if (command?.otherwise !== undefined && Object.hasOwn(command.otherwise, written)) {
    return new UsageError(`${fact} ${command.otherwise[written]}`, { command: command.name });
  }
  const near = nearestNames(
    written.replace(/^-+/, ''),
    flags.map((flag) => flag.name),
    1,
  )[0];
  const suggestion = near === undefined || !written.startsWith('--') ? undefined : `--${near}`;
  return new UsageError(`${fact}${guess(suggestion)}`, {
    command: command?.name,
    suggestion,
  });
}

function flagValue(
  flag: Flag,
  { written, value, joined }: NonNullable<Token['flag']>,
  command: Command | undefined,
): string | true {
  const wrong = (message: string, suggestion?: string): UsageError =>
    new UsageError(`${written} ${message}`, { command: command?.name, suggestion });
  if (flag.value === undefined) {
    if (value !== undefined) throw wrong(`takes no value, but ${quoted(value)} was given.`);
    return true;
  }
  // A number below zero is a wrong value rather than another flag.
  if (value === undefined || (!joined && /^-[^\d.]/.test(value))) {
    throw wrong(`needs a value: ${written} ${flag.value}.`);
  }
  if (flag.choices !== undefined && !flag.choices.includes(value)) {
    const suggestion = nearestNames(value, flag.choices, 1)[0];
    throw wrong(
      `must be one of ${flag.choices.join(', ')}, but is ${quoted(value)}.${guess(suggestion)}`,
      suggestion,
    );
  }
  return value;
}

function readFlags(
  tokens: readonly Token[],
  flags: readonly Flag[],
  command: Command | undefined,
): FlagValues {
  const values = new Map<string, string | true>();
  for (const { flag: token } of tokens) {
    if (token === undefined) continue;
    const flag = flags.find(
      ({ name, short }) => token.name === name || (token.name === short && token.written === `-${short}`),
    );
    if (flag === undefined) throw unknownFlag(token.written, flags, command);
    if (values.has(flag.name)) {
      throw new UsageError(`${token.written} is given twice.`, { command: command?.name });
    }
    values.set(flag.name, flagValue(flag, token, command));
  }
  return values;
}

/**
 * Reads a command line; flags may stand before or behind the command, as with kubectl.
 *
 * @throws {UsageError} for an unknown command or flag, a missing or wrong value.
 */
export function parseCommandLine(args: readonly string[], commands: readonly Command[]): CommandLine {
  const everyFlag = [...COMMON_FLAGS, VERSION_FLAG, ...commands.flatMap((command) => command.flags)];
  const tokens = tokenize(args, everyFlag);
  const operands = tokens.flatMap(({ operand }) => (operand === undefined ? [] : [operand]));
  const [name, ...rest] = operands;
  if (name === 'help') {
    const [topic] = rest;
    return { kind: 'help', command: topic === undefined ? undefined : findCommand(topic, commands) };
  }
  const command = name === undefined ? undefined : findCommand(name, commands);
  const known =
    command === undefined
      ? [...COMMON_FLAGS, VERSION_FLAG]
      : [...COMMON_FLAGS, VERSION_FLAG, ...command.flags];
  const flags = readFlags(tokens, known, command);
  if (flags.has('help')) return { kind: 'help', command };
  if (flags.has('version')) return { kind: 'version' };
  if (command === undefined)
    throw new UsageError(`a command is missing: ${commands.map((each) => each.name).join(', ')}.`);
  if (!command.takesOperands && rest.length > 0) {
    throw new UsageError(`firn ${command.name} takes no ${quoted(rest[0] ?? '')}.`, {
      command: command.name,
    });
  }
  return { kind: 'run', command, flags, operands: rest };
}
