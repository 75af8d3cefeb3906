import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ApiServer, startApiServer } from '@firn/runtime/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { firn } from '../cli/firn-process.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = await readFile(join(root, 'README.md'), 'utf8');
const example = await readFile(join(root, 'examples/render-ingresses.ts'), 'utf8');
const blocks = [...readme.matchAll(/^### (.+)$|^```ts\n([\s\S]*?)^```$/gm)].reduce<[string, string][]>(
  (found, [, heading, code]) => {
    if (heading !== undefined) found.push([heading, '']);
    const last = found.at(-1);
    if (code !== undefined && last !== undefined) last[1] += code;
    return found;
  },
  [],
);
const commands = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, lines = '']) =>
  lines
    .split('\n')
    .map((line) => line.replace(/ *#.*/, '').trim())
    .filter((line) => line !== ''),
);
const snippets = blocks.filter(([, code]) => code !== '');

/** What the README's snippets take for granted: a cluster, a client, a watched store. */
const prelude = (code: string): string => `
import { KubeConfig, CoreV1Api } from '@kubernetes/client-node';
${/import \{[^}]*\bcreateWatcher\b/.test(code) ? '' : "import { createWatcher } from '@firn/runtime';"}
const kubeConfig = new KubeConfig();
kubeConfig.loadFromDefault();
const api = kubeConfig.makeApiClient(CoreV1Api);
${
  /const watcher = /.test(code)
    ? ''
    : `const watcher = createWatcher(kubeConfig, { gvr: 'v1/services' });
watcher.start();
await watcher.synced;
const { store } = watcher;
void api;`
}
`;
const postlude = '\nawait watcher?.stop?.();\n';

let server: ApiServer;
let folder: string;

beforeAll(async () => {
  server = await startApiServer();
  folder = await mkdtemp(join(tmpdir(), 'firn-readme-'));
  await writeFile(join(folder, 'kubeconfig'), server.kubeconfigYaml);
  const labels = { 'app.kubernetes.io/name': 'shop' };
  await server.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'shop', name: 'front', labels },
    spec: { ports: [{ port: 80 }] },
  });
  const backend = { service: { name: 'front', port: { number: 80 } } };
  await server.create({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace: 'shop', name: 'door' },
    spec: { rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] },
  });
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** Runs a program that imports firn as a user does until it has written what is waited for; gives what it wrote. */
async function run(file: string, until: string): Promise<string> {
  const child = spawn(process.execPath, ['--conditions=@firn/source', file], {
    env: { ...process.env, KUBECONFIG: join(folder, 'kubeconfig') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
    if (output.includes(until)) child.kill();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  await once(child, 'close');
  return output;
}

describe('README', () => {
  it('shows the example as it stands in examples/, in 20 lines without blank ones', () => {
    const body = example.slice(example.indexOf('\n') + 2);
    expect(readme).toContain(`\`\`\`ts\n${body}\`\`\``);
    expect(body.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(20);
  });

  it('the example renders what is in the cluster', async () => {
    const line = 'door -> 80';
    expect(await run(join(root, 'examples/render-ingresses.ts'), line)).toContain(line);
  });

  it('the example of a store without a cluster finds by host and tells what changed', async () => {
    const output = await run(join(root, 'examples/find-by-host.ts'), 'modified shop front');
    expect(output).toBe('1 ingress has the new host\nmodified shop front\n');
  });

  it('has no code that is not tested here', () => {
    const languages = [...readme.matchAll(/^```(.*)\n[\s\S]*?^```$/gm)].map(([, language]) => language);
    // Without a language: what a user sees.
    expect([...new Set(languages)].sort()).toEqual(['', 'sh', 'ts']);
    expect(languages.filter((language) => language === '')).toHaveLength(1);
    const programs = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
    // The first is the example.
    expect(programs.slice(1).join('')).toBe(snippets.map(([, code]) => code).join(''));
  });

  it.each(commands)('the command line "%s" is understood', async (line) => {
    const [name = '', ...args] = line.replace(/^npx -y pnpm@12 /, 'pnpm ').split(' ');
    expect(['firn', 'kubectl', 'pnpm', 'node']).toContain(name);
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    if (name === 'pnpm') expect(Object.keys(scripts)).toContain(args[0]);
    const forFirn = name === 'pnpm' && args[0] === 'firn' ? args.slice(1) : args;
    if (name !== 'firn' && forFirn === args) return;
    const run = firn([...forFirn, '--help']);
    expect(await run.ended).toBe(0);
  });

  it.each(snippets)('the program under "%s" runs and ends', async (heading, code) => {
    // Inside the examples folder, so that it resolves packages as an example does.
    const file = join(root, 'examples', `.readme-${heading.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.ts`);
    const inFolder = code.replaceAll("'./event-log'", JSON.stringify(join(folder, 'event-log')));
    await writeFile(file, `${prelude(code)}${inFolder}${/const watcher = /.test(code) ? '' : postlude}`);
    const failed = vi.spyOn(console, 'error');
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
    vi.stubEnv('KUBECONFIG', join(folder, 'kubeconfig'));
    try {
      await import(file);
      expect(failed).not.toHaveBeenCalled();
    } finally {
      vi.restoreAllMocks();
      vi.unstubAllEnvs();
      await rm(file);
    }
  });
});
