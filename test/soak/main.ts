/** Owns the command: a soak from a seed or a script, its summary, and what to do about a failure. */
import { readFile } from 'node:fs/promises';
import { type CommandLine, parseCommandLine } from './command-line.ts';
import { Ledger, type Violation } from './invariants/ledger.ts';
import { checkLevel, type Level, measureLevel } from './invariants/start-level.ts';
import { type Progress, runSoak } from './run-soak.ts';
import { drawRound } from './script/draw-round.ts';
import { shortenScript } from './script/shorten-script.ts';
import { formatScript, parseScript, type Round, type SoakScript } from './script/soak-script.ts';
import { formatMemory, formatReport, type SoakReport } from './soak-report.ts';
import { writeTestReport } from './test-report.ts';
import { startEmbedded } from './world/embedded-server.ts';
import { startReal } from './world/real-server.ts';

/** Rounds that load and compile everything, before the level is measured that the end is compared with. */
const WARM_UP_ROUNDS = 10;

/** How many rounds are shown of a failure that did not come again. */
const LAST_ROUNDS = 4;

/** What is run, and for how long. */
interface Plan {
  readonly seed: number;
  readonly server: 'embedded' | 'real';
  readonly rounds: Iterable<Round>;
  readonly isEnough?: (progress: Progress) => boolean;
}

function* roundsFrom(seed: number): Generator<Round> {
  for (let number = 0; ; number++) yield drawRound(seed, number);
}

async function run({ seed, server, ...rest }: Plan): Promise<SoakReport> {
  await using running = server === 'real' ? await startReal() : await startEmbedded(seed);
  // The server lives until the end of the soak, not only of its beginning.
  return await runSoak({ seed, server: running, ...rest });
}

/** From the seed, or the rounds of a script. */
function planOf({ seed, server, minutes, events }: CommandLine, script: SoakScript | undefined): Plan {
  if (script !== undefined) return script;
  const isEnough = (progress: Progress): boolean =>
    progress.events >= events || progress.seconds >= minutes * 60;
  return { seed, server, rounds: roundsFrom(seed), isEnough };
}

async function printShortest(violation: Violation, script: SoakScript, seconds: number): Promise<void> {
  console.log(`\nLooking for a shorter script that fails in the same way, for ${seconds} s`);
  const fails = async (shorter: SoakScript): Promise<boolean> => {
    const found = (await run(shorter)).violation;
    return found?.invariant === violation.invariant;
  };
  const shortest = await shortenScript(script, fails, seconds * 1000);
  if (shortest === undefined) {
    console.log(
      'It did not fail again: it needs the timing of the machine, or all of the rounds. The last of them:',
    );
  }
  console.log('Save this line, and run it with: pnpm soak --script FILE');
  console.log(formatScript(shortest ?? { ...script, rounds: script.rounds.slice(-LAST_ROUNDS) }));
}

async function soak(commandLine: CommandLine): Promise<Violation | undefined> {
  const { seed, script: file, shorten } = commandLine;
  const script = file === undefined ? undefined : parseScript(await readFile(file, 'utf8'));
  const plan = planOf(commandLine, script);
  console.log(`soak of the ${plan.server} server, --seed ${plan.seed}`);
  // The same level before and after needs the same things loaded.
  const rounds = Array.from({ length: WARM_UP_ROUNDS }, (_, i) => drawRound(seed, i));
  await run({ seed, server: 'embedded', rounds });
  const before: Level = await measureLevel();
  const report = await run(plan);
  const levels = new Ledger();
  const after = await checkLevel(levels, before);
  console.log(`${formatReport(report)}\n${formatMemory(report, before, after)}`);
  const violation = report.violation ?? levels.violation;
  if (violation === undefined) return undefined;
  console.log(
    `\nVIOLATION after ${report.played.length} rounds, --seed ${plan.seed} --server ${plan.server}: ${violation.invariant}`,
  );
  console.log(violation.message);
  await printShortest(violation, { seed: plan.seed, server: plan.server, rounds: report.played }, shorten);
  return violation;
}

const commandLine = parseCommandLine(process.argv.slice(2));
if (commandLine !== undefined) {
  const passed = (await soak(commandLine)) === undefined;
  await writeTestReport(passed);
  if (!passed) process.exitCode = 1;
}
