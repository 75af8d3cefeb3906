import { openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { firn } from './firn-process.ts';

describe('firn', () => {
  it('shows its help on the output, exit 0', async () => {
    const run = firn(['demo', '--help']);
    expect(await run.ended).toBe(0);
    expect(run.stdout).toMatch(/Usage: firn demo[\s\S]*Examples:/);
    expect(run.stderr).toBe('');
  });

  it('refuses a wrong flag on the error output, exit 2', async () => {
    const run = firn(['demo', '--raet', '5']);
    expect(await run.ended).toBe(2);
    expect(run.stderr).toContain('Did you mean --rate?');
    expect(run.stdout).toBe('');
  });

  it.each([['--help'], ['demo']])('says why its output cannot be written, exit 1: firn %s', async (arg) => {
    const run = firn([arg], {}, openSync(import.meta.filename, 'r'));
    expect(await run.ended).toBe(1);
    expect(run.stderr).toMatch(/^firn: the output cannot be written: E[A-Z]+[^\n]*$/m);
    expect(run.stderr).not.toMatch(/\n\s+at /);
  });

  it('tells a user without a kubeconfig what to do, exit 1', async () => {
    const run = firn(['watch', 'pods']);
    expect(await run.ended).toBe(1);
    expect(run.stderr).toMatch(/no cluster is known[\s\S]*--kubeconfig FILE[\s\S]*firn demo/);
    expect(run.stdout).toBe('');
  });
});
