import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contextNamespace, loadKubeConfig } from './load-kube-config.ts';

function kubeconfig(context: string, more = ''): string {
  return [
    'apiVersion: v1',
    'kind: Config',
    `clusters: [{ name: ${context}, cluster: { server: 'http://127.0.0.1:1' } }]`,
    `users: [{ name: ${context}, user: {} }]`,
    `contexts: [{ name: ${context}, context: { cluster: ${context}, user: ${context}, namespace: shop } }]`,
    more,
  ].join('\n');
}

let folder = '';
const at = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'firn-test-'));
  writeFileSync(at('one'), kubeconfig('one', 'current-context: one'));
  writeFileSync(at('two'), kubeconfig('two'));
  writeFileSync(at('empty'), '');
  writeFileSync(at('comments'), '# nothing yet\n\n  # or ever\n');
  writeFileSync(at('broken'), 'clusters: [{');
  writeFileSync(at('dangling'), kubeconfig('one', 'current-context: gone'));
  const alone = 'contexts: [{ name: one, context: { cluster: gone, user: u } }]\ncurrent-context: one';
  writeFileSync(at('alone'), alone);
  writeFileSync(at('list'), '[]');
  writeFileSync(at('quoted'), 'users: [{ name: a, user: { token: secret-token } }]\n  bad: [');
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('loadKubeConfig', () => {
  it('takes the file it is given, and its current context', () => {
    const config = loadKubeConfig({ file: at('one'), env: {} });
    expect([config.getCurrentContext(), contextNamespace(config)]).toEqual(['one', 'shop']);
  });

  it('joins the files of KUBECONFIG, leaving out those that are not there', () => {
    const env = { KUBECONFIG: [at('missing'), at('one'), at('two')].join(delimiter) };
    expect(loadKubeConfig({ env }).getCurrentContext()).toBe('one');
    expect(loadKubeConfig({ env, context: 'two' }).getCurrentContext()).toBe('two');
  });

  it('passes over empty files of KUBECONFIG, as kubectl does', () => {
    const env = { KUBECONFIG: [at('empty'), at('one'), at('comments'), at('two')].join(delimiter) };
    expect(loadKubeConfig({ env }).getCurrentContext()).toBe('one');
    expect(loadKubeConfig({ env, context: 'two' }).getCurrentContext()).toBe('two');
  });

  it.each([
    ['no file at all', {}, 'NO_KUBECONFIG', /KUBECONFIG is not set.*--kubeconfig FILE.*firn demo/s],
    ['a file that is not there', { file: 'missing' }, 'NO_KUBECONFIG', /there is no file .*missing/],
    ['KUBECONFIG naming nothing', { kubeconfig: 'missing' }, 'NO_KUBECONFIG', /names no file that exists/],
    ['an empty file', { file: 'empty' }, 'NO_KUBECONFIG', /nothing stands in .*empty/],
    ['a broken file', { file: 'broken' }, 'BROKEN_KUBECONFIG', /broken cannot be read/],
    ['no current context', { file: 'two' }, 'UNKNOWN_CONTEXT', /no current context.*--context: two/],
    [
      'a context that is gone',
      { file: 'dangling' },
      'UNKNOWN_CONTEXT',
      /"gone" without a cluster\. .*--context: one\./,
    ],
    [
      'a context without a cluster',
      { file: 'alone' },
      'UNKNOWN_CONTEXT',
      /"one" without a cluster\. Correct/,
    ],
    ['a file that is no kubeconfig', { file: 'list' }, 'NO_CONTEXTS', /no contexts.*--kubeconfig FILE/],
    [
      'an unknown context',
      { file: 'one', context: 'onee' },
      'UNKNOWN_CONTEXT',
      /no context "onee"\. It has: one/,
    ],
  ] as const)('says what to do about %s', (_, choice, code, message) => {
    const {
      file,
      kubeconfig: listed,
      context,
    } = { file: undefined, kubeconfig: undefined, context: undefined, ...choice };
    const load = (): unknown =>
      loadKubeConfig({
        file: file === undefined ? undefined : at(file),
        context,
        env: { HOME: folder, ...(listed === undefined ? {} : { KUBECONFIG: at(listed) }) },
      });
    expect(load).toThrow(message);
    expect(load).toThrow(expect.objectContaining({ code }));
  });

  it('says nothing of what stands in a broken file', () => {
    const load = (): unknown => loadKubeConfig({ file: at('quoted'), env: {} });
    expect(load).toThrow(
      expect.toSatisfy(
        (error) =>
          /quoted cannot be read: bad indentation .*\(2:\d+\)/.test(error.message) &&
          !inspect(error).includes('secret-token'),
      ),
    );
  });
});
