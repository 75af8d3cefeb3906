/** Owns the words and flags of `firn serve`. */
import type { Command } from './command.ts';

/** `firn serve`. */
export const serve: Command = {
  name: 'serve',
  summary: 'Serve a moment of a recorded log as a Kubernetes API server, read only.',
  operands: 'DIR',
  takesOperands: true,
  description: [
    'Starts an API server inside this process, on 127.0.0.1 only, that has what a log had at a moment: uids, versions',
    'and contents are those that were recorded. kubectl, informers and firn itself list and watch it; writes are refused.',
    'With --speed, what was recorded afterwards happens again, as events of watches, from the first watch on.',
  ].join('\n'),
  flags: [
    {
      name: 'at',
      value: 'TIME',
      description: 'The moment (10:00, 2026-01-31T10:00:00Z); the end of the log when left out.',
    },
    {
      name: 'speed',
      value: 'N',
      description: 'With --at: play on, N times as fast as it was, or max: as fast as it is read.',
    },
    { name: 'until', value: 'TIME', description: 'With --speed: play to here; to the end when left out.' },
    { name: 'port', value: 'N', description: 'Port on 127.0.0.1; a free one when left out.' },
  ],
  examples: ['firn serve ./log --at 10:00', 'firn serve ./log --at 10:00 --speed 10 --until 10:05'],
  load: async () => (await import('./commands/serve.ts')).runServe,
};
