import { FirnError, type KubernetesObject } from '@firn/core';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../testing/manual-clock.ts';
import { keepChanging, type ShopServer } from './keep-changing.ts';
import { createShop } from './shop.ts';

function start(rate: number, fail: (writes: number) => Error | undefined = () => undefined) {
  const clock = createManualClock();
  const written: KubernetesObject[] = [];
  const write = async (object: KubernetesObject): Promise<void> => {
    written.push(object);
    const error = fail(written.length);
    if (error !== undefined) throw error;
  };
  const server: ShopServer = { create: write, patch: write, delete: write };
  const ending = new AbortController();
  const shop = createShop({ seed: 1, objects: 50 });
  const changing = keepChanging({ server, shop, rate, clock, signal: ending.signal });
  return { clock, written, ending, changing };
}

describe('keepChanging', () => {
  it.each([1, 7, 50, 2000])('writes %i changes a second', async (rate) => {
    const { clock, written, ending, changing } = start(rate);
    await clock.advance('10s');
    expect(Math.abs(written.length - 10 * rate)).toBeLessThanOrEqual(rate / 20 + 1);
    ending.abort();
    await changing.stopped;
  });

  it('writes nothing at a rate of 0', async () => {
    const { clock, written } = start(0);
    await clock.advance('1m');
    expect([written.length, clock.pending]).toEqual([0, 0]);
  });

  it('stops at once and leaves no timer', async () => {
    const { clock, written, ending, changing } = start(10);
    await clock.advance('1s');
    const before = written.length;
    ending.abort();
    await changing.stopped;
    await clock.advance('10s');
    expect([written.length, clock.pending]).toEqual([before, 0]);
  });

  it('goes on when somebody else deleted or created what it is about to write', async () => {
    const codes = ['NotFound', 'AlreadyExists', 'Conflict'];
    const { clock, written, ending, changing } = start(10, (writes) => {
      const code = codes[writes - 1];
      return code === undefined ? undefined : new FirnError('crossed', { code });
    });
    await clock.advance('2s');
    expect(written.length).toBeGreaterThan(10);
    ending.abort();
    await changing.stopped;
  });

  it('reports any other failure', async () => {
    const { clock, changing } = start(10, () => new Error('out of memory'));
    await clock.advance('1s');
    await expect(changing.failed).rejects.toThrow('out of memory');
    await changing.stopped;
  });
});
