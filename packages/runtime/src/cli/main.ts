#!/usr/bin/env node
/** Owns the process of the `firn` command: streams, signals, exit code. */

import { nodeTooOld } from './node-too-old.ts';
import { runCli } from './run-cli.ts';
import { type Suspendable, suspendOnStop } from './suspension.ts';
import type { EndReason } from './until-done.ts';

const FAILED = 1;
const INTERRUPTED = 130;

const ending = new AbortController();
const end = (reason: EndReason): void => ending.abort(reason);

let interrupts = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interrupts += 1;
    // Whoever asks twice does not want to wait for the clean-up.
    if (interrupts > 1) process.exit(INTERRUPTED);
    end('interrupted');
  });
}

const suspendables = new Set<Suspendable>();
suspendOnStop(process, suspendables);

let outputFailed = false;
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return end('output closed');
    // Told once: a full disk fails every write.
    if (!outputFailed && stream === process.stdout) {
      process.stderr.write(`firn: the output cannot be written: ${error.message}\n`);
    }
    outputFailed = true;
    process.exitCode = FAILED;
    end('output failed');
  });
}

const tooOld = nodeTooOld(process.versions.node);
if (tooOld !== undefined) process.stderr.write(`firn: ${tooOld}\n`);
const code =
  tooOld !== undefined
    ? FAILED
    : await runCli(process.argv.slice(2), {
        stdout: process.stdout,
        stderr: process.stderr,
        env: process.env,
        signal: ending.signal,
        suspendables,
      });
process.exitCode = outputFailed ? FAILED : code;
