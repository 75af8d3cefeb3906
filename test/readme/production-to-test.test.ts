/** Owns the proof that the README's way from production to a test is one: its three commands, run one after the other. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startApiServer } from '@firn/runtime/testing';
import { expect, it } from 'vitest';
import { firn } from '../cli/firn-process.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const CHAPTER = '### From production to a test in three commands';

async function commandsOfChapter(): Promise<readonly string[]> {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const chapter = readme.slice(readme.indexOf(CHAPTER));
  const [, block = ''] = /^```sh\n([\s\S]*?)^```$/m.exec(chapter) ?? [];
  return block
    .split('\n')
    .map((line) => line.replace(/ *#.*/, '').trim())
    .filter((line) => line !== '');
}

const ingress = (name: string, host: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { namespace: 'shop', name },
  spec: { rules: [{ host }] },
});

it('a run is recorded, looked at, and tested with, by the commands of the README', async () => {
  const [record = '', replay = '', test = '', ...more] = await commandsOfChapter();
  expect(more).toEqual([]);
  await using server = await startApiServer({
    objects: [ingress('a', 'one.example'), ingress('b', 'two.example')],
  });
  const folder = await mkdtemp(join(tmpdir(), 'firn-readme-'));
  try {
    await writeFile(join(folder, 'kubeconfig'), server.kubeconfigYaml);
    const textOfLog = (): Promise<string> => readFile(join(folder, 'event-log/00000001.jsonl'), 'utf8');
    const inFolder = (line: string): string[] =>
      line
        .split(' ')
        .slice(1)
        .map((word) => (word === './event-log' ? join(folder, 'event-log') : word));

    expect(record).toMatch(/^firn record \.\/event-log /);
    const recording = firn([...inFolder(record), '--kubeconfig', join(folder, 'kubeconfig')]);
    await recording.until(({ stderr }) => /ingresses: in sync/.test(stderr));
    for (let i = 0; i < 5; i++) await server.update(ingress('a', `host-${i}.example`));
    await server.delete(ingress('b', ''));
    // Written when the last of it has come.
    await expect.poll(textOfLog).toContain('"type":"DELETED"');
    recording.child.kill('SIGINT');
    expect(await recording.ended).toBe(130);

    expect(replay).toMatch(/^firn replay \.\/event-log /);
    const shown = firn(inFolder(replay));
    expect(await shown.ended).toBe(0);
    expect(shown.stdout).toContain('"host-3.example" → "host-4.example"');
    expect(shown.stdout).toMatch(/- ingresses shop\/b/);

    expect(test).toBe('node --test replayed-run.ts');
    const args = ['--conditions=@firn/source', '--test', join(root, 'examples/replayed-run.ts')];
    const { NODE_OPTIONS: _, VITEST: __, ...env } = process.env;
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env });
    expect(stdout).toMatch(/pass 1\n/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
