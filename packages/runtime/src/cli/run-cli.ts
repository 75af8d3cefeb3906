/** Owns one run of `firn`: from arguments to an exit code. */
import { VERSION } from '../version.ts';
import { visibleText } from '../visible-text.ts';
import type { CommandIo } from './command.ts';
import { COMMANDS } from './commands.ts';
import { parseCommandLine } from './parse-command-line.ts';
import type { EndReason } from './until-done.ts';
import { commandHelp, generalHelp, usageLine } from './usage.ts';
import { UsageError } from './usage-error.ts';

const FAILED = 1;
const WRONG_USAGE = 2;
const INTERRUPTED = 130;

function endCode(signal: AbortSignal, code: number): number {
  const reason: EndReason | undefined = signal.aborted ? signal.reason : undefined;
  if (reason === 'output closed') return 0;
  if (reason === 'output failed') return FAILED;
  return reason === 'interrupted' ? INTERRUPTED : code;
}

/** Lines for people; what stands in them is already free of control characters, but is checked again. */
function shown(message: string): string {
  return message
    .split('\n')
    .map((line) => visibleText(line, 1000))
    .join('\n');
}

async function reportFailure(error: unknown, io: CommandIo): Promise<number> {
  if (error instanceof UsageError) {
    const command = COMMANDS.find(({ name }) => name === error.command);
    const help = `firn ${command === undefined ? '' : `${command.name} `}--help`;
    io.stderr.write(`firn: ${shown(error.message)}\n${usageLine(command)}\nMore: ${help}\n`);
    return WRONG_USAGE;
  }
  const { FirnError } = await import('@firn/core');
  if (error instanceof FirnError) {
    io.stderr.write(`firn: ${shown(error.message)}\n`);
    return FAILED;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.stderr.write(`firn: an unexpected failure\n${shown(text)}\n`);
  return FAILED;
}

/** Runs a command line; gives the exit code: 0 done, 1 failed, 2 wrong command line, 130 interrupted. */
export async function runCli(args: readonly string[], io: CommandIo): Promise<number> {
  try {
    const line = parseCommandLine(args, COMMANDS);
    if (line.kind === 'version') {
      io.stdout.write(`firn ${VERSION}\n`);
      return 0;
    }
    if (line.kind === 'help') {
      io.stdout.write(line.command === undefined ? generalHelp(COMMANDS) : commandHelp(line.command));
      return 0;
    }
    const run = await line.command.load();
    const code = await run({ flags: line.flags, operands: line.operands, io });
    return endCode(io.signal, code);
  } catch (error) {
    if (io.signal.aborted) return endCode(io.signal, FAILED);
    return reportFailure(error, io);
  }
}
