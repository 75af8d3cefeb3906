/** Compiles the scanner and writes its code where the package takes it from; `--check` only compares. */
import { readFile, writeFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

const SOURCE = 'assembly/scanner.ts';
const TARGET = new URL('../src/packed/scanner-code.ts', import.meta.url);
const LINE = 100;

const root = new URL('.', import.meta.url).pathname;
const { error, stderr, binary } = await (async () => {
  let binary: Uint8Array | undefined;
  const result = await asc.main(
    [
      SOURCE,
      '--outFile',
      'scanner.wasm',
      '-O3',
      '--runtime',
      'stub',
      '--noAssert',
      '--enable',
      'simd',
      '--enable',
      'bulk-memory',
      '--initialMemory',
      '3',
    ],
    {
      readFile: async (name: string) => readFile(new URL(name, `file://${root}`), 'utf8').catch(() => null),
      writeFile: (_name: string, contents: Uint8Array | string) => {
        if (typeof contents !== 'string') binary = contents;
      },
      listFiles: () => [],
    },
  );
  return { ...result, binary };
})();
if (error !== null || binary === undefined) {
  console.error(stderr.toString());
  throw error ?? new Error('The compiler wrote nothing.');
}
const base64 = Buffer.from(binary).toString('base64');
const lines = base64.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
const text = `/** The compiled scanner, as base64: written by \`pnpm build:scanner\` from \`scanner/assembly/scanner.ts\`. */
export const SCANNER_CODE: string = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('');
`;
if (!process.argv.includes('--check')) await writeFile(TARGET, text);
else if ((await readFile(TARGET, 'utf8')) !== text) {
  console.error('src/packed/scanner-code.ts is not what its source gives: run `pnpm build:scanner`.');
  process.exitCode = 1;
}
