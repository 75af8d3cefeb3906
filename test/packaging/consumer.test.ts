/** The packages as a user has them: installed from tarballs outside the workspace, type-checked, and run. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/packages.ts';
import { ConsumerProject, OLDEST_NODE } from './consumer-project.ts';
import { packPackages } from './packed-packages.ts';

const into = mkdtempSync(join(tmpdir(), 'firn-consumer-'));
afterAll(() => rmSync(into, { recursive: true, force: true }));
const packages = packPackages(into);
mkdirSync(join(into, 'project'));
const project = new ConsumerProject(join(into, 'project'), packages);

it('type-checks against the published types, those of the dependencies included', async () => {
  await expect(project.run(join(ROOT, 'node_modules/.bin/tsc'), '-p', '.')).resolves.toMatchObject({
    stdout: '',
  });
});

describe.each([
  ['the Node.js of the workspace', process.execPath],
  [`Node.js ${OLDEST_NODE}`, project.oldestNode],
])('on %s', (_name, node) => {
  it.each([
    ['plainly', []],
    ['even with --conditions=@firn/source set', ['--conditions=@firn/source']],
  ])('runs %s', async (_how, options) => {
    const { stdout } = await project.run(node, ...options, 'main.ts');
    expect(JSON.parse(stdout)).toEqual({
      changes: ['added left', 'modified left'],
      litres: 2,
      refused: expect.stringMatching(/^[A-Z_]+$/),
      count: 2,
      data: '2000',
    });
  });
});

describe(`on Node.js ${OLDEST_NODE} alone`, () => {
  it('is that version', async () => {
    expect((await project.run('node', '--version')).stdout).toBe(`v${OLDEST_NODE}\n`);
  });

  it('is what the packages say they need', () => {
    for (const { folder } of packages) {
      const { engines } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      expect(`${engines.node.replace('>=', '')}.0`).toBe(OLDEST_NODE);
    }
  });

  it('parses every module', async () => {
    const modules = packages.flatMap(({ folder, files }) =>
      files.filter((file) => file.endsWith('.js')).map((file) => join(folder, file)),
    );
    const parse =
      "import { readFileSync } from 'node:fs'; import { SourceTextModule } from 'node:vm';" +
      'for (const file of process.argv.slice(1)) new SourceTextModule(readFileSync(file, "utf8"), { identifier: file });' +
      'console.log(process.argv.length - 1);';
    const { stdout } = await project.run(
      'node',
      '--experimental-vm-modules',
      '--input-type=module',
      '--eval',
      parse,
      '--',
      ...modules,
    );
    expect(stdout).toBe(`${modules.length}\n`);
    expect(modules.length).toBeGreaterThan(0);
  });

  it('has the command firn, whose demo needs no cluster', async () => {
    expect((await project.run('firn', '--help')).stdout).toMatch(/^ +demo /m);
    const { stdout } = await project.run('firn', 'demo', '--for', '1s', '--objects', '20');
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toContainEqual(
      expect.objectContaining({ type: 'state', resource: 'ingresses', synced: true }),
    );
    expect(lines).toContainEqual(expect.objectContaining({ type: 'added', cause: 'initial' }));
  });
});
