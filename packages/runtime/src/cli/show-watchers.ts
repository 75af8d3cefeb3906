/** Owns the connection between watchers and a view. */
import type { FirnError } from '@firn/core';
import type { Observable } from 'rxjs';
import { Subscription } from 'rxjs';
import { visibleText } from '../visible-text.ts';
import type { WatchState } from '../watcher/watch-state.ts';
import type { ShownChange, View, WatchedName } from './views/view.ts';

/** What is shown of a watcher. */
export interface ShownWatcher {
  readonly store: { readonly size: number; readonly changes$: Observable<ShownChange> };
  readonly state$: Observable<WatchState>;
  readonly errors$: Observable<FirnError>;
}

/** Shows changes, states and index errors of a watcher until it is unsubscribed. */
export function showWatcher(watched: WatchedName, watcher: ShownWatcher, view: View): Subscription {
  const shown = new Subscription();
  const { store } = watcher;
  shown.add(
    store.changes$.subscribe((change) => {
      view.change(watched, change, store.size);
    }),
  );
  shown.add(watcher.state$.subscribe((state) => view.state(watched, state, store.size)));
  shown.add(
    watcher.errors$.subscribe((error) => {
      if (error.name === 'IndexError') view.remark(`${watched.name}: ${visibleText(error.message)}`);
    }),
  );
  return shown;
}
