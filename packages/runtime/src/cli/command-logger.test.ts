import { describe, expect, it } from 'vitest';
import { silentLogger } from '../logger.ts';
import { commandLogger, createLogger } from './command-logger.ts';

describe('createLogger', () => {
  it('writes JSON lines from its level on, with the fields of a child', () => {
    const lines: string[] = [];
    const logger = createLogger({
      level: 'info',
      destination: {
        write: (line) => {
          lines.push(line);
          return true;
        },
      },
    });
    logger.debug({}, 'not this');
    logger.child({ gvr: 'v1/pods' }).info({ count: 3 }, 'synced');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { gvr: 'v1/pods', count: 3, msg: 'synced' },
    ]);
  });
});

describe('commandLogger', () => {
  it('is silent unless a level is given', () => {
    const output = { write: () => true, on: () => undefined, off: () => undefined };
    const io = { stdout: output, stderr: output, env: {}, signal: new AbortController().signal };
    expect(commandLogger(new Map(), io)).toBe(silentLogger);
    expect(commandLogger(new Map([['log-level', 'silent']]), io)).toBe(silentLogger);
    expect(commandLogger(new Map([['log-level', 'warn']]), io)).not.toBe(silentLogger);
  });
});
