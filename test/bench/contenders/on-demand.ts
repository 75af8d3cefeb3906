/** Owns a process that reads on demand: resources that are cached, many at once, or many of one namespace. */
import { atOnce } from './on-demand/at-once.ts';
import { hotReads } from './on-demand/hot-reads.ts';
import { namespaceReads } from './on-demand/namespace-reads.ts';
import type { OnDemandSettings } from './on-demand-settings.ts';
import { fail, finish, settings } from './support.ts';

const given = settings<OnDemandSettings>();
const parts = { hot: hotReads, 'at-once': atOnce, namespace: namespaceReads };

// What hangs is a failure too.
setTimeout(() => fail(new Error('not done after ten minutes')), 600_000).unref();
try {
  finish(await parts[given.part](given));
} catch (error) {
  fail(error);
}
