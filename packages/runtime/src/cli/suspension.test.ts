import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { type Suspendable, suspendOnStop } from './suspension.ts';

it('puts everything away before the process stops, and takes it back when it goes on', () => {
  const done: string[] = [];
  const signals = new EventEmitter();
  const holders = new Set<Suspendable>();
  suspendOnStop(
    {
      pid: 7,
      on: (signal, listener) => signals.on(signal, listener),
      kill: (pid, signal) => done.push(`${signal} ${pid}`),
    },
    holders,
  );
  signals.emit('SIGTSTP');
  signals.emit('SIGCONT');
  expect(done.splice(0)).toEqual(['SIGSTOP 7']);
  holders.add({ suspend: () => done.push('suspend'), resume: () => done.push('resume') });
  signals.emit('SIGTSTP');
  expect(done.splice(0)).toEqual(['suspend', 'SIGSTOP 7']);
  signals.emit('SIGCONT');
  expect(done).toEqual(['SIGWINCH 7', 'resume']);
});
