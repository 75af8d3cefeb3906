import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { EventLogReader } from './event-log-reader.ts';
import { framedLine, MAX_LINE_BYTES } from './line-frame.ts';
import { LineSplitter } from './line-splitter.ts';
import { FOLDER, MemoryFileSystem, segment } from './memory-file-system.fixture.ts';
import { pod, readLog, record } from './recording.fixture.ts';

/** Three segments of a run each. */
async function threeRuns(): Promise<MemoryFileSystem> {
  const files = new MemoryFileSystem();
  for (const run of ['run-1', 'run-2', 'run-3']) {
    const { writer, clock } = await record({ files, run });
    await clock.advance('1m');
    for (const name of ['a', 'b', 'c']) writer.append('pods', { type: 'ADDED', object: pod(name) });
    await writer.close();
  }
  return files;
}

/** The lines of a segment. */
function linesOf(files: MemoryFileSystem, number: number): string[] {
  return files.contents(segment(number)).toString().trimEnd().split('\n');
}

function putLines(files: MemoryFileSystem, number: number, lines: readonly string[]): void {
  files.put(segment(number), lines.map((line) => `${line}\n`).join(''));
}

/** Another JSON under the right checksum. */
function resealed(line: string, change: (json: string) => string): string {
  return framedLine(change(line.slice(9)))
    .toString()
    .trimEnd();
}

type Damage = (files: MemoryFileSystem) => void | Promise<void>;

/** Changes one line of the second segment. */
function line(index: number, change: (line: string) => readonly string[]): Damage {
  return (files) =>
    putLines(
      files,
      2,
      linesOf(files, 2).flatMap((each, at) => (at === index ? change(each) : [each])),
    );
}

const damages: [what: string, code: string, damage: Damage, file: string][] = [
  ['a folder that is not there', 'FOLDER_MISSING', (files) => files.fail('list', 'ENOENT'), FOLDER],
  ['a file instead of a folder', 'FOLDER_MISSING', (files) => files.fail('list', 'ENOTDIR'), FOLDER],
  ['a folder without permission', 'FORBIDDEN', (files) => files.fail('list', 'EACCES'), FOLDER],
  [
    'a segment without permission',
    'FORBIDDEN',
    (files) => files.fail('open', 'EACCES', { path: /2/ }),
    segment(2),
  ],
  ['a disk that fails', 'DISK_FAILED', (files) => files.fail('read', 'EIO', { path: /2/ }), segment(2)],
  ['a segment that is missing', 'SEGMENT_MISSING', (files) => files.remove(segment(2)), FOLDER],
  [
    'a segment under another name',
    'SEGMENT_MISNAMED',
    (files) => files.put(segment(2), files.contents(segment(3))),
    segment(2),
  ],
  ['a segment without its header', 'HEADER_MISSING', line(0, () => []), segment(2)],
  ['an empty segment in the middle', 'HEADER_MISSING', (files) => files.put(segment(2), ''), segment(2)],
  ['a damaged header', 'HEADER_DAMAGED', line(0, (header) => [header.replace('run-2', 'run-9')]), segment(2)],
  [
    'an incomplete header',
    'HEADER_DAMAGED',
    line(0, (header) => [resealed(header, (json) => json.replace('"run"', '"ran"'))]),
    segment(2),
  ],
  [
    'a later version',
    'UNKNOWN_VERSION',
    line(0, (header) => [resealed(header, (json) => json.replace('"version":1', '"version":2'))]),
    segment(2),
  ],
  ['something else', 'NOT_A_LOG', (files) => files.put(segment(2), '{"kind":"Pod"}\n'), segment(2)],
  ['a wrong checksum', 'CRC_MISMATCH', line(3, (each) => [each.replace('"a"', '"x"')]), segment(2)],
  ['a record that is gone', 'SEQUENCE_GAP', line(3, () => []), segment(2)],
  ['a record twice', 'SEQUENCE_GAP', line(3, (each) => [each, each]), segment(2)],
  [
    'records up to the end that are gone',
    'SEQUENCE_GAP',
    (files) => putLines(files, 2, linesOf(files, 2).slice(0, -2)),
    segment(3),
  ],
  [
    'a segment that ends in a record',
    'RECORD_TRUNCATED',
    (files) => files.put(segment(2), files.contents(segment(2)).subarray(0, -4)),
    segment(2),
  ],
  [
    'another form of record',
    'RECORD_MALFORMED',
    line(3, (each) => [resealed(each, (json) => json.replace('"m"', '"x"'))]),
    segment(2),
  ],
  [
    'a number beyond counting',
    'RECORD_MALFORMED',
    line(3, (each) => [resealed(each, (json) => json.replace(/"n":\d+/, '"n":9007199254740993'))]),
    segment(2),
  ],
  ['a line without end', 'RECORD_TOO_LONG', line(3, () => ['x'.repeat(MAX_LINE_BYTES + 10)]), segment(2)],
  [
    'a compressed segment that is none',
    'COMPRESSION_DAMAGED',
    async (files) => {
      await files.remove(segment(2));
      files.put(segment(2, '.zst'), 'no zstd');
    },
    segment(2, '.zst'),
  ],
];

describe('a reader', () => {
  it.each(damages)('meets %s: %s, after everything before it', async (_what, code, damage, file) => {
    const files = await threeRuns();
    const whole = (await readLog(files)).records;
    await damage(files);
    const { records, error } = await readLog(files);
    expect(error).toMatchObject({ name: 'EventLogError', code, file });
    expect(error?.message).toContain(file);
    // The fact, then the remedy.
    expect(error?.message.split('. ').length).toBeGreaterThan(1);
    expect(records).toEqual(whole.slice(0, records.length));
  });

  it('finds no log in an empty folder', async () => {
    const files = new MemoryFileSystem();
    await files.makeFolder(FOLDER);
    files.put(`${FOLDER}/notes.txt`, 'hello');
    await expect(EventLogReader.open(FOLDER, files)).rejects.toMatchObject({ code: 'NOT_A_LOG' });
  });

  it('gives the offset of the line that is wrong', async () => {
    const files = await threeRuns();
    const lines = linesOf(files, 2);
    await line(3, (each) => [each.replace('"a"', '"x"')])(files);
    const { error } = await readLog(files);
    expect(error?.offset).toBe(`${lines.slice(0, 3).join('\n')}\n`.length);
  });

  it.each([
    ['garbage', 'garbage'],
    ['zeros, as some file systems leave them', '\0'.repeat(5000)],
    ['damaged lines', 'aaaaaaaa {}\nbbbbbbbb {}\n'],
  ])('ends before what a process left behind that died: %s', async (_what, tail) => {
    const files = await threeRuns();
    const whole = await readLog(files);
    files.put(segment(3), Buffer.concat([files.contents(segment(3)), Buffer.from(tail)]));
    const { records, error, tornTail } = await readLog(files);
    expect(records).toEqual(whole.records);
    expect(error).toBeUndefined();
    expect(tornTail?.file).toBe(segment(3));
    const { writer } = await record({ files, run: 'run-4' });
    expect(writer.tornTail).toEqual(tornTail);
    await writer.close();
    expect(await readLog(files)).toMatchObject({ error: undefined, tornTail: undefined });
    expect((await readLog(files)).records.slice(0, records.length)).toEqual(records);
  });

  it.each(['', '\0\0\0', 'a1b2', 'a1b2c3d4 {"form'])(
    'takes a last segment that was hardly begun (%j) for none',
    async (text) => {
      const files = await threeRuns();
      const whole = await readLog(files);
      files.put(segment(4), text);
      expect((await readLog(files)).records).toEqual(whole.records);
      const { writer } = await record({ files });
      expect(writer.state.segment).toBe(4);
      await writer.close();
      expect(await readLog(files)).toMatchObject({ error: undefined, tornTail: undefined });
    },
  );

  it('a writer does not touch other damage', async () => {
    const files = await threeRuns();
    putLines(
      files,
      3,
      linesOf(files, 3).map((each, at) => (at === 3 ? each.replace('"a"', '"x"') : each)),
    );
    const before = files.contents(segment(3));
    await expect(record({ files })).rejects.toMatchObject({ code: 'CRC_MISMATCH' });
    expect(files.contents(segment(3))).toEqual(before);
    expect(files.names(FOLDER)).not.toContain('writer.lock');
  });

  it('begins where it is told', async () => {
    const files = await threeRuns();
    const reader = await EventLogReader.open(FOLDER, files);
    const start = Date.UTC(2026, 0, 1);
    expect((await readLog(files, { from: 3 })).records[0]).toMatch(/^13 .*"run":"run-3"/);
    expect(await reader.lastCheckpoint()).toBe(3);
    expect(await reader.segmentOf({ sequence: 12 })).toBe(2);
    expect(await reader.segmentOf({ sequence: 13 })).toBe(3);
    expect(await reader.segmentOf({ time: start - 1 })).toBe(1);
    expect(await reader.segmentOf({ time: start + 1 })).toBe(3);
    expect(await reader.header(2)).toMatchObject({ run: 'run-2', first: 7 });
    await expect(reader.header(9)).rejects.toMatchObject({ code: 'SEGMENT_MISSING' });
    expect((await readLog(files, { from: 9 })).error).toMatchObject({ code: 'SEGMENT_MISSING' });
  });

  it('parses an event only when asked, and tells its type without', async () => {
    const files = await threeRuns();
    const odd = '{"t":1,"m":2,"n":19,"r":"pöds \\"x\\"","e":{"a":1,"type":"CLEARED"}}';
    const none = '{"t":1,"m":2,"n":20,"r":"pods","e":{"type":"CLEARED",}}';
    files.put(segment(3), Buffer.concat([files.contents(segment(3)), framedLine(odd), framedLine(none)]));
    const reader = await EventLogReader.open(FOLDER, files);
    const all = [];
    for await (const records of reader.records()) all.push(...records);
    const [last, broken] = all.slice(-2);
    expect(last).toMatchObject({
      time: 1,
      monotonic: 2,
      sequence: 19,
      resource: 'pöds "x"',
      type: 'CLEARED',
    });
    expect(last?.parse()).toEqual({ a: 1, type: 'CLEARED' });
    expect(broken?.type).toBe('CLEARED');
    expect(() => broken?.parse()).toThrow(
      expect.objectContaining({ code: 'RECORD_MALFORMED', file: segment(3) }),
    );
  });
});

describe('lines', () => {
  it('come out the same, however the bytes are cut', () => {
    const text = 'a\n\nbcd\nefghij\nk';
    for (let size = 1; size <= text.length; size++) {
      const lines: string[] = [];
      const splitter = new LineSplitter((bytes, start, end, offset) => {
        lines.push(bytes.toString('utf8', start, end));
        expect(text.slice(offset, offset + end - start)).toBe(lines.at(-1));
      });
      for (let at = 0; at < text.length; at += size) splitter.push(Buffer.from(text.slice(at, at + size)));
      expect(lines).toEqual(['a', '', 'bcd', 'efghij']);
      expect(splitter.end()).toEqual({ bytes: Buffer.from('k'), offset: 14 });
    }
  });

  it('have the checksum that other tools compute', () => {
    expect(framedLine('{"a":1}').toString()).toBe(
      `${crc32('{"a":1}').toString(16).padStart(8, '0')} {"a":1}\n`,
    );
  });
});
