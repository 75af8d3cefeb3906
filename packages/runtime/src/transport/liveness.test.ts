import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../testing/manual-clock.ts';
import { guardLiveness } from './liveness.ts';

function fakeSocket() {
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const errors: (Error & { code?: string })[] = [];
  socket.on('error', (error) => errors.push(error));
  return {
    socket: Object.assign(socket, { bytesRead: 0 }) as unknown as Socket & { bytesRead: number },
    errors,
  };
}

describe('guardLiveness', () => {
  it('rule 18: destroys a connection that answers no PING', async () => {
    const clock = createManualClock();
    const { socket, errors } = fakeSocket();
    guardLiveness(socket, clock);
    await clock.advance(44_000);
    expect(socket.destroyed).toBe(false);
    await clock.advance(10_000);
    expect(errors).toMatchObject([{ code: 'ETIMEDOUT' }]);
  });

  it('rule 17: leaves a quiet connection alone as long as PINGs are answered', async () => {
    const clock = createManualClock();
    const { socket } = fakeSocket();
    guardLiveness(socket, clock);
    for (let minute = 0; minute < 20; minute++) {
      await clock.advance(30_000);
      (socket as { bytesRead: number }).bytesRead += 17;
    }
    expect(socket.destroyed).toBe(false);
    socket.destroy();
  });

  it('gives a process that was held up the time to read what has arrived meanwhile', async () => {
    const clock = createManualClock();
    const { socket } = fakeSocket();
    guardLiveness(socket, clock);
    await clock.advance(45_000);
    (socket as { bytesRead: number }).bytesRead += 17;
    await clock.advance(20_000);
    expect(socket.destroyed).toBe(false);
    socket.destroy();
  });
});
