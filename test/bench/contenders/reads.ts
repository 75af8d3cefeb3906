/** Owns a process that reads: its store came through a watcher, and beside it lie plain Maps and arrays. */
import { createWatcher } from '@firn/runtime';
import { IGNORED, KINDS } from '../objects/kinds.ts';
import { differences } from './reads/differences.ts';
import { exactReads } from './reads/exact-reads.ts';
import { firstReads } from './reads/first-reads.ts';
import { iterateUnread } from './reads/iterate-unread.ts';
import { prefixReads } from './reads/prefix-reads.ts';
import { ReadSubject } from './reads/read-subject.ts';
import { wholeReads } from './reads/whole-reads.ts';
import type { ReadsSettings } from './reads-settings.ts';
import { collectGarbage, fail, finish, kubeConfigFor, settings } from './support.ts';

const { url, load, part } = settings<ReadsSettings>();

async function lookUps(subject: ReadSubject): Promise<Readonly<Record<string, number>>> {
  const first = firstReads(subject);
  subject.readAll();
  await collectGarbage();
  const whole = wholeReads(subject);
  const exact = exactReads(subject);
  const prefix = prefixReads(subject);
  return { ...first, ...whole, ...exact, ...prefix, ...differences(subject) };
}

async function reads(): Promise<Readonly<Record<string, number>>> {
  const watcher = createWatcher(kubeConfigFor(url), { gvr: KINDS[load.kind].gvr, ignoreFields: IGNORED });
  watcher.errors$.subscribe(fail);
  watcher.start();
  await watcher.synced;
  await collectGarbage();
  const subject = new ReadSubject(watcher.store, load);
  const parts = { 'look-ups': lookUps, iterate: iterateUnread, differences };
  const figures = await parts[part](subject);
  await watcher.stop();
  return figures;
}

// What hangs is a failure too.
setTimeout(() => fail(new Error('not done after ten minutes')), 600_000).unref();
try {
  finish(await reads());
} catch (error) {
  fail(error);
}
