import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { startApiServer } from '../testing/api-server/api-server.ts';
import { createWatcher } from './create-watcher.ts';
import type { WatcherOptions } from './watcher.ts';

const TOKEN = 'token-of-nobody-else';

const secret = (name: string, labels: Record<string, string> = { app: 'shop' }) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'shop', name, labels },
  data: { password: 'dG9wLXNlY3JldA==' },
});

/** A watch that much goes wrong with: keys that are missing, broken frames, wrong kinds, a token that is refused. */
async function troubledWatch(options: Pick<WatcherOptions<never>, 'logger'>): Promise<void> {
  await using server = await startApiServer({ objects: [secret('a'), secret('b', {})], tokens: [TOKEN] });
  await using watcher = createWatcher(server.kubeConfig, {
    gvr: 'v1/secrets',
    indexBy: ['metadata.labels.app'],
    backoff: { initial: 10, cap: 20, jitter: 0 },
    ...options,
  });
  const codes = new Set<string>();
  watcher.errors$.subscribe(({ code }) => codes.add(code));
  watcher.start();
  await watcher.synced;
  const broken = [
    '{"type":"ADDED","object":{"data":{"password":"dG9wLXNlY3JldA=="}',
    { type: 'ADDED', object: { ...secret('c'), kind: 'Other' } },
  ];
  for (const frame of broken)
    server.fault({ kind: ['watch', 'watch-list'], times: 1 }, { frame, afterEvents: 0 });
  server.disconnect();
  await expect
    .poll(() => [...codes])
    .toEqual(expect.arrayContaining(['MALFORMED_JSON', 'MISSING_INDEX_KEY']));
  server.setTokens(['another']);
  server.disconnect();
  await expect.poll(() => [...codes]).toContain('UNAUTHORIZED');
}

describe('the log of a watcher', () => {
  it('has a child of a pino logger for its resource; lines tell phase and version, never objects or tokens', async () => {
    const lines: string[] = [];
    const destination = new Writable({
      write(chunk, _, done) {
        lines.push(String(chunk));
        done();
      },
    });
    await troubledWatch({ logger: pino({ level: 'trace', base: { app: 'mine' } }, destination) });
    const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(entries.length).toBeGreaterThan(3);
    for (const entry of entries) expect(entry).toMatchObject({ app: 'mine', gvr: 'v1/secrets' });
    const told = entries.filter(({ phase }) => phase !== undefined);
    // Not the last one: the next attempt may have been told of by then.
    expect(told).toContainEqual(
      expect.objectContaining({ phase: 'backoff', resourceVersion: expect.stringMatching(/^\d+$/) }),
    );
    expect(lines.join('')).not.toMatch(/dG9wLXNlY3JldA|token-of-nobody-else/);
  });

  it('is silent where no logger is given', async () => {
    const written: unknown[] = [];
    const spies = [process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, 'write').mockImplementation((text) => written.push(text) > 0),
    );
    try {
      await troubledWatch({});
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
    expect(written).toEqual([]);
  });
});
