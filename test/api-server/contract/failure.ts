/** What a refusal says, in short. */
import { expect } from 'vitest';
import type { Json } from './api-client.ts';

/** Status, reason and code of an answer that has to be a `Status`. */
export function failure(answer: { status: number; body: Json }): [number, string, number] {
  expect(answer.body).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', metadata: {} });
  return [answer.status, answer.body.reason, answer.body.code];
}
