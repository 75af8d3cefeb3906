import { describe, expect, it } from 'vitest';
import { type ResourceRow, type ScreenModel, screenLines, shortDuration } from './screen.ts';
import { renderLine } from './styled-line.ts';
import { textWidth } from './text-width.ts';

const live: ResourceRow = {
  name: 'ingresses.networking.k8s.io',
  phase: 'watching',
  synced: true,
  stale: false,
  objects: 1234,
  changesPerSecond: 25.04,
  sinceChange: 300,
};

const model: ScreenModel = {
  title: 'firn demo',
  rows: [live, { ...live, name: 'services', phase: 'listing', synced: false, objects: 0, listed: 500 }],
  changes: [
    {
      time: '12:00:02',
      type: 'modified',
      resource: 'ingresses',
      namespace: 'shop',
      name: 'cart',
      detail: 'spec.a: 1 → 2',
    },
    { time: '12:00:01', type: 'added', resource: 'services', namespace: '', name: 'x\u001b[31m', detail: '' },
    { time: '12:00:00', type: 'deleted', resource: 'services', namespace: 'shop', name: '商店', detail: '' },
  ],
  notes: ['note one', 'note two'],
};

function shown(columns: number, rows: number, of: ScreenModel = model): readonly string[] {
  return screenLines(of, { columns, rows }).map((line) => renderLine(line, false));
}

describe('screenLines', () => {
  it('shows table, changes and notes where there is room', () => {
    expect(shown(80, 12).map((line) => line.trimEnd())).toEqual([
      'firn demo',
      'RESOURCE                     STATE        OBJECTS  CHANGES/S  LAST',
      'ingresses.networking.k8s.io  live           1,234       25.0    0s',
      'services                     listing 500        0       25.0    0s',
      '',
      '12:00:02 ~ ingresses shop/cart  spec.a: 1 → 2',
      '12:00:01 + services x\\u001b[31m',
      '12:00:00 - services shop/商店',
      '',
      '',
      'note one',
      'note two',
    ]);
  });

  it('shows how an on-demand store has got its resources, below the table', () => {
    const cache = '3 of 40 kept · hits 5 · misses 3 · shared 1 · evictions 0';
    const of = { ...model, rows: [live, { ...live, name: 'secrets', cache }] };
    expect(shown(80, 12, of)[4]).toBe(`secrets: ${cache}`);
  });

  it('wraps the command so that it can be copied, and leaves it out rather than cut it', () => {
    const command = 'kubectl --kubeconfig /tmp/firn-demo-RMUclf/kubeconfig get ingresses -A';
    const of = { ...model, command, notes: ['edit with it, and see it here at once'] };
    expect(shown(30, 20, of).slice(-5)).toEqual([
      'kubectl --kubeconfig \\',
      '/tmp/firn-demo-RMUclf/kubecon\\',
      'fig get ingresses -A',
      'edit with it, and see it here',
      'at once',
    ]);
    expect(shown(30, 9, of).join('\n')).not.toContain('kubectl');
    expect(shown(30, 12, of).at(-1)).toBe('fig get ingresses -A');
  });

  it('marks good news otherwise than bad news', () => {
    const remark = { time: '12:00:00', type: 'remark', text: 'ingresses: in sync' } as const;
    const lines = shown(80, 12, { ...model, changes: [{ ...remark, calm: true }, remark] });
    expect(lines).toContain('12:00:00 · ingresses: in sync');
    expect(lines).toContain('12:00:00 ! ingresses: in sync');
  });

  it('is never larger than the terminal, whatever its size', () => {
    for (const columns of [1, 2, 7, 20, 40, 80, 200]) {
      for (const rows of [1, 2, 3, 5, 10, 24]) {
        const lines = shown(columns, rows);
        expect(lines.length).toBeLessThanOrEqual(rows);
        expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(columns);
      }
    }
  });

  it('leaves out columns and shortens names on a narrow terminal', () => {
    const lines = shown(32, 8);
    expect(lines[1]).toMatch(/^RESOURCE +STATE +OBJECTS$/);
    expect(lines[2]).toMatch(/^ingres\S*… +live +1,234$/);
  });

  it.each([
    [{ phase: 'watching', synced: true, stale: true }, 'connection lost'],
    [{ phase: 'backoff', synced: true, stale: true }, 'connection lost'],
    [{ phase: 'backoff', synced: false, stale: true }, 'waiting to retry'],
    [{ phase: 'listing', synced: false, stale: true }, 'connecting'],
    [{ phase: 'stopped', synced: true, stale: false }, 'stopped'],
  ] as const)('calls %j %s', (state, words) => {
    const rows = [{ ...live, ...state }];
    expect(shown(80, 5, { ...model, rows })[2]).toContain(words);
  });

  it('shows what went wrong below the table', () => {
    const rows = [{ ...live, error: 'forbidden: list\u001b[2J' }];
    expect(shown(80, 8, { ...model, rows })[3]).toBe(
      'ingresses.networking.k8s.io: forbidden: list\\u001b[2J',
    );
  });

  it('shows when it is tried again before what may be cut', () => {
    const rows = [{ ...live, name: 'pods', error: 'connection refused by the server', retryIn: 1100 }];
    expect(shown(40, 8, { ...model, rows })[3]).toBe('pods (next attempt in 2 s): connection …');
  });

  it('uses colours only when asked to', () => {
    const [line] = screenLines(model, { columns: 80, rows: 24 });
    expect(renderLine(line ?? [], true)).toBe('\u001b[1mfirn demo\u001b[0m');
  });
});

describe('shortDuration', () => {
  it.each([
    [0, '0s'],
    [119_000, '119s'],
    [120_000, '2m'],
    [7_200_000, '2h'],
    [172_800_000, '2d'],
  ])('writes %i ms as %s', (ms, words) => {
    expect(shortDuration(ms)).toBe(words);
  });
});
