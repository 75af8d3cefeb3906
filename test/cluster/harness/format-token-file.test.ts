/** The CSV that kube-apiserver reads tokens from. */
import { expect, it } from 'vitest';
import { formatTokenFile } from './format-token-file.ts';

it('writes one quoted line a token, the user name standing in for a missing uid', () => {
  const tokens = [
    { token: 'a', user: 'ann', uid: '7', groups: ['x', 'say "y"'] },
    { token: 'b', user: 'bob' },
  ];
  expect(formatTokenFile(tokens)).toBe('"a","ann","7","x,say ""y"""\n"b","bob","bob",""\n');
});

it.each([
  { token: '', user: 'ann' },
  { token: 'a', user: '' },
  { token: 'a', user: 'ann', groups: ['x,y'] },
])('refuses $token/$user/$groups, which the format cannot express', (token) => {
  expect(() => formatTokenFile([token])).toThrow(expect.objectContaining({ code: 'CLUSTER' }));
});
