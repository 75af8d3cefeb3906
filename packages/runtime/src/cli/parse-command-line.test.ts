import { describe, expect, it } from 'vitest';
import type { Command } from './command.ts';
import { parseCommandLine } from './parse-command-line.ts';
import { commandHelp, generalHelp } from './usage.ts';
import { UsageError } from './usage-error.ts';

const base = {
  summary: 's',
  description: 'd',
  examples: ['firn x'],
  load: () => Promise.reject(new Error()),
};
const watch: Command = {
  ...base,
  name: 'watch',
  operands: 'RESOURCE...',
  takesOperands: true,
  flags: [
    { name: 'namespace', short: 'n', value: 'NAME', description: 'One namespace.' },
    { name: 'all-namespaces', short: 'A', description: 'All.' },
    { name: 'output', short: 'o', value: 'FORMAT', choices: ['json', 'yaml'], description: 'Format.' },
  ],
};
const demo: Command = {
  ...base,
  name: 'demo',
  operands: '',
  takesOperands: false,
  flags: [{ name: 'rate', value: 'N', description: 'Rate.' }],
};

function parse(line: string): ReturnType<typeof parseCommandLine> {
  return parseCommandLine(line.split(' ').filter(Boolean), [watch, demo]);
}

function refusal(line: string): UsageError {
  try {
    parse(line);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return error as UsageError;
  }
  throw new Error(`${line} was accepted`);
}

describe('parseCommandLine', () => {
  it.each([
    'watch pods services -n shop -o json',
    '-n shop watch pods services -ojson',
    'watch --namespace=shop pods --output json services',
    'watch -n shop -o json -- pods services',
  ])('reads %s', (line) => {
    const parsed = parse(line);
    expect(parsed).toMatchObject({ kind: 'run', command: watch, operands: ['pods', 'services'] });
    if (parsed.kind === 'run') {
      expect(Object.fromEntries(parsed.flags)).toEqual({ namespace: 'shop', output: 'json' });
    }
  });

  it('reads switches, an empty value and help', () => {
    expect(parse('watch -A pods')).toMatchObject({ flags: new Map([['all-namespaces', true]]) });
    expect(parse('watch --namespace= pods')).toMatchObject({ flags: new Map([['namespace', '']]) });
    expect(parse('demo --rate -5')).toMatchObject({ flags: new Map([['rate', '-5']]) });
    expect(parse('demo --rate=-5')).toMatchObject({ flags: new Map([['rate', '-5']]) });
    expect(parse('watch --help')).toEqual({ kind: 'help', command: watch });
    expect(parse('help demo')).toEqual({ kind: 'help', command: demo });
    expect(parse('help')).toEqual({ kind: 'help', command: undefined });
    expect(parse('-h')).toEqual({ kind: 'help', command: undefined });
    expect(parse('--version')).toEqual({ kind: 'version' });
  });

  it.each([
    ['', undefined, 'a command is missing'],
    ['wacth pods', 'watch', 'there is no command "wacth". Did you mean watch?'],
    ['zebra', undefined, 'there is no command "zebra": watch, demo.'],
    [
      'watch pods --namspace x',
      '--namespace',
      'firn watch has no flag "--namspace". Did you mean --namespace?',
    ],
    ['demo -n x', undefined, 'firn demo has no flag "-n"'],
    ['watch -x', undefined, 'firn watch has no flag "-x"'],
    ['--rate 5 watch', undefined, 'firn watch has no flag "--rate"'],
    ['watch pods -n', undefined, '-n needs a value: -n NAME.'],
    ['watch pods -n -A', undefined, '-n needs a value'],
    ['watch pods -A=1', undefined, 'firn watch has no flag "-="'],
    ['watch --all-namespaces=yes', undefined, '--all-namespaces takes no value'],
    ['watch pods -o jsno', 'json', '-o must be one of json, yaml, but is "jsno". Did you mean json?'],
    ['watch pods -n a -n b', undefined, '-n is given twice'],
    ['demo extra', undefined, 'firn demo takes no "extra"'],
    ['watch --color sometimes', undefined, '--color must be one of auto, always, never'],
  ])('refuses %j', (line, suggestion, message) => {
    const error = refusal(line);
    expect(error.message).toContain(message);
    expect(error.suggestion).toBe(suggestion);
  });
});

describe('help texts', () => {
  it('list commands and flags', () => {
    expect(generalHelp([watch, demo])).toMatch(/^ {2}watch {2}s$/m);
    const help = commandHelp(watch);
    expect(help).toContain('Usage: firn watch RESOURCE... [flags]');
    expect(help).toMatch(/^ {2}-n, --namespace NAME +One namespace\.$/m);
    expect(help).toMatch(/^ {2}firn x$/m);
  });
});
