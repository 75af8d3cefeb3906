/** What a test may change about the flags of a server. */
import { expect, it } from 'vitest';
import { mergeArgs } from './merge-args.ts';

it('replaces the default of a flag and appends the others', () => {
  const defaults = ['--authorization-mode=RBAC', '--secure-port=1', '--profiling=false'];
  const merged = mergeArgs(defaults, ['--authorization-mode=AlwaysAllow', '--profiling', '--v=2']);
  expect(merged).toEqual(['--secure-port=1', '--authorization-mode=AlwaysAllow', '--profiling', '--v=2']);
});

it('keeps a flag whose name only begins like another one', () => {
  expect(mergeArgs(['--watch-cache=true'], ['--watch-cache-sizes=pods#0'])).toEqual([
    '--watch-cache=true',
    '--watch-cache-sizes=pods#0',
  ]);
});
