/** Owns the proof that any file is read as a kubeconfig, or refused without a word of what stands in it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { ConfigError } from '@firn/core';
import fc from 'fast-check';
import { afterAll, expect } from 'vitest';
import { fuzz } from '../../test-support/fuzz.ts';
import { clusterEndpoint } from '../transport/cluster-endpoint.ts';
import { contextNamespace, loadKubeConfig } from './load-kube-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'firn-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Stands in corpus and generated files wherever something secret may stand. */
const SECRET = 'planted-secret';

const odd = fc.oneof(
  fc.constantFrom<unknown>(null, 5, true, [], {}, '', SECRET, '__proto__', 'one', '\u001b[2J'),
  fc.jsonValue({ maxDepth: 1 }),
);
const named = (what: string, inner: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.record({ name: fc.constantFrom('one', 'one', '__proto__'), [what]: inner }, { requiredKeys: ['name'] });
const list = (what: string, inner: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ arbitrary: fc.array(named(what, inner), { minLength: 1, maxLength: 3 }), weight: 8 }, odd);
const file = fc
  .record(
    {
      'current-context': fc.constantFrom<unknown>('one', 'one', '__proto__', 7, null),
      clusters: list(
        'cluster',
        fc.record({
          server: fc.constantFrom<unknown>(
            'https://127.0.0.1:6443',
            `http://a:${SECRET}@h`,
            'x',
            '',
            null,
            5,
          ),
          'proxy-url': fc.constantFrom<unknown>(undefined, `socks5://a:${SECRET}@h:1`, 5),
        }),
      ),
      contexts: list(
        'context',
        fc.record({
          cluster: fc.constantFrom<unknown>('one', 5),
          user: fc.constantFrom<unknown>('one', null),
        }),
      ),
      users: list('user', fc.record({ token: fc.constant(SECRET), exec: odd, 'auth-provider': odd })),
    },
    { requiredKeys: ['clusters', 'contexts', 'users'] },
  )
  .map((value) => Buffer.from(JSON.stringify(value)));

fuzz({
  name: 'kubeconfig',
  generated: file,
  tokens: [
    '\n',
    ': ',
    '- ',
    '&x ',
    '*',
    '<<: ',
    '{',
    '}',
    '[',
    ']',
    '!',
    '"',
    "'",
    '\t',
    '#',
    '---\n',
    '\\e',
    '%',
    SECRET,
  ],
  runs: 400,
  check(input) {
    const path = join(folder, 'kubeconfig');
    writeFileSync(path, input);
    try {
      const config = loadKubeConfig({ file: path, env: {} });
      expect(typeof contextNamespace(config)).toBe('string');
      const { host, origin } = clusterEndpoint(config);
      expect(`${host} ${origin}`).toMatch(/^[^\p{Cc}]*$/u);
      expect(URL.canParse(origin)).toBe(true);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      expect(error.message.length).toBeLessThan(3000);
      expect(error.message.replaceAll('\n', ' ')).toMatch(/^[^\p{Cc}\u202a-\u202e]*$/u);
      const shown = inspect(error, { depth: 20, showHidden: true });
      if (!namesAreSecret(input)) expect(shown).not.toContain(SECRET);
    }
  },
});

/** Names of contexts, clusters and users are told, and scheme and host of a server; a mutation may make any of them. */
function namesAreSecret(input: Buffer): boolean {
  const text = input.toString('utf8');
  return [
    `(name|context|cluster|user)["']?\\s*:\\s*["']?[^,{}\\n]*${SECRET}`,
    `(server|proxy-url)["']?\\s*:\\s*["']?([^,{}\\n]*//)?[^@\\n]*${SECRET}[^@\\n]*(:|$)`,
  ].some((pattern) => new RegExp(pattern, 'm').test(text));
}
