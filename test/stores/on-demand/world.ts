/** Owns the world of the property of on-demand stores: a server, a watch that lags behind, readers, and what they see. */
import { type Resource, type ResourceEvent, StoreError } from '@firn/core';
import type { CachedStore } from '@firn/stores';
import { type Absence, type Answer, HistoryServer, objectOf, type State } from './history-server.ts';
import { Scene, type Secret, type ServerRequest } from './scene.ts';

/** Those of which something happens. */
export const NAMES = ['a', 'b', 'c', 'd'] as const;
export type Name = (typeof NAMES)[number];

export type Step =
  | { readonly do: 'touch' | 'delete' | 'recreate' | 'peek'; readonly name: Name }
  | { readonly do: 'get' | 'subscribe'; readonly name: Name | undefined }
  | { readonly do: 'deliver'; readonly count: number; readonly asBatch: boolean }
  | { readonly do: 'answer'; readonly at: number; readonly answer: Answer; readonly page: number }
  | { readonly do: 'unsubscribe'; readonly at: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'relist' | 'clear' | 'clearCache' | 'close' | 'settle' };

/** A look-up, until it is settled. */
interface LookUp {
  readonly isSingle: boolean;
  readonly saidAtCall: ReadonlyMap<string, State>;
  /** What was gone at any time since, by what the store could know. */
  readonly mayLack: Set<string>;
  isOver: boolean;
}

export interface WorldOptions {
  readonly concurrency: number;
  readonly maxCacheSize: number;
  readonly updateAgeOnGet: boolean;
  /** How many more there are, of which nothing happens; then the server can list. */
  readonly bystanders: number;
}

export class World {
  readonly scene: Scene;
  readonly violations: string[] = [];
  readonly #store: CachedStore<Secret>;
  readonly #server = new HistoryServer();
  readonly #unsaid: ResourceEvent<Secret>[] = [];
  readonly #said = new Map<string, State>();
  /** What the watch had said of a resource when it was asked for. */
  readonly #saidAtSend = new Map<ServerRequest, State | undefined>();
  readonly #lookUps: LookUp[] = [];
  readonly #subscriptions: { unsubscribe(): void }[] = [];
  readonly #concurrency: number;
  /** What the watch had said when everything had last come to rest. */
  #saidAtRest: ReadonlyMap<string, State> = new Map();
  #saidSomething = false;
  /** Known to be gone by an answer that has not been looked at: who asks now may still be told so. */
  readonly #goneSinceRest = new Set<string>();
  /** How often everything was to be fetched anew: those before and after do not share requests. */
  #apart = 0;
  #closed = false;

  constructor({ bystanders, ...options }: WorldOptions) {
    this.#concurrency = options.concurrency;
    this.scene = new Scene({ ...options, cacheTtl: '3s', random: () => 0.5, lists: bystanders > 0 });
    this.#store = this.scene.store;
    const { requests } = this.scene;
    const send = requests.push.bind(requests);
    requests.push = (...added) => {
      for (const request of added) this.#note(request);
      return send(...added);
    };
    const others = Array.from({ length: bystanders }, (_, i) => `s${i}`);
    for (const name of [...NAMES.slice(0, 2), ...others])
      this.#unsaid.push(...this.#server.change('touch', name));
    this.#deliver(Number.POSITIVE_INFINITY, true);
  }

  /** One thing happens; what follows from it is still under way. */
  async run(step: Step): Promise<void> {
    switch (step.do) {
      case 'touch':
      case 'delete':
      case 'recreate':
        this.#unsaid.push(...this.#server.change(step.do, step.name));
        return;
      case 'get':
      case 'subscribe':
        return this.#look(step.do, step.name);
      case 'peek':
        return this.#peek(step.name);
      case 'deliver':
        return this.#deliver(step.count, step.asBatch);
      case 'answer':
        return this.#answer(step);
      case 'unsubscribe':
        return this.#subscriptions.at(step.at)?.unsubscribe();
      case 'pass':
        await this.rest();
        await this.scene.clock.advance(step.ms);
        return this.rest();
      case 'settle':
        return this.rest();
      default:
        if (!this.#closed) this.#upheave(step.do);
    }
  }

  /** Everything that needs no time happens. */
  async rest(): Promise<void> {
    await this.scene.settle();
    this.#saidAtRest = new Map(this.#said);
    this.#saidSomething = false;
    this.#goneSinceRest.clear();
  }

  /** Whatever is under way comes to its end: the server answers, or is silent until all have run out of time. */
  async finish(answers: boolean): Promise<void> {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    await this.rest();
    for (let round = 0; round < 1000 && this.#lookUps.some(({ isOver }) => !isOver); round++) {
      if (answers) for (const request of this.scene.open) this.#respond(request, 'now', 1000);
      await this.run({ do: 'pass', ms: answers ? 300 : 10_000 });
    }
    if (this.#lookUps.some(({ isOver }) => !isOver)) this.violations.push('a look-up never ends');
    this.#expectRest('at the end');
  }

  /** Nothing is left behind: what is asked for now is requested at once, as many as may be. */
  async expectAllFree(): Promise<void> {
    if (this.#closed) return;
    for (const name of NAMES) this.#unsaid.push(...this.#server.change('touch', name));
    this.#deliver(Number.POSITIVE_INFINITY, true);
    for (const name of NAMES) this.#look('get', name);
    await this.rest();
    const expected = Math.min(NAMES.length, this.#concurrency);
    if (this.scene.open.length !== expected)
      this.violations.push(`${this.scene.open.length} of ${expected} requests were sent`);
    await this.finish(true);
    this.#upheave('close');
    await this.rest();
    this.#expectRest('after close');
  }

  #expectRest(when: string): void {
    const timers = this.#store.cacheSize > 0 ? 1 : 0;
    const { pending } = this.scene.clock;
    if (pending !== timers) this.violations.push(`${when}: ${pending} timers instead of ${timers}`);
    if (this.scene.open.length > 0) this.violations.push(`${when}: requests are open`);
    if (this.#closed && this.#store.cacheSize > 0) this.violations.push(`${when}: something is cached`);
  }

  #note(request: ServerRequest): void {
    const { name } = request;
    const { open } = this.scene;
    if (open.length >= this.#concurrency) this.violations.push('too many requests at once');
    if (open.filter((other) => other.name === name).length > this.#apart)
      this.violations.push(`two requests for ${name || 'all'} at once`);
    if (this.#closed) this.violations.push('a request after close');
    this.#server.note(request);
    this.#saidAtSend.set(request, this.#said.get(name));
  }

  #deliver(count: number, asBatch: boolean): void {
    if (this.#closed) return;
    const events = this.#unsaid.splice(0, count);
    for (const batch of asBatch ? [events] : events.map((event) => [event])) {
      for (const event of batch) this.#hear(event);
      this.scene.writer.apply(batch);
      this.#saidChanged();
    }
  }

  #hear(event: ResourceEvent<Secret>): void {
    if (event.type !== 'ADDED' && event.type !== 'MODIFIED' && event.type !== 'DELETED') return;
    const { metadata } = event.object as Secret;
    if (event.type !== 'DELETED') this.#said.set(metadata.name, stateOf(metadata));
    else {
      this.#said.delete(metadata.name);
      this.#forgive(metadata.name);
    }
  }

  #saidChanged(): void {
    this.#saidSomething = true;
    for (const name of NAMES) if (!this.#said.has(name)) this.#forgive(name);
  }

  #forgive(name: string): void {
    for (const lookUp of this.#lookUps) lookUp.mayLack.add(name);
  }

  #upheave(how: 'relist' | 'clear' | 'clearCache' | 'close'): void {
    if (how === 'relist') {
      this.#unsaid.length = 0;
      this.#said.clear();
      for (const [name, state] of this.#server.states) this.#said.set(name, state);
      this.scene.relist(...Array.from(this.#said, ([name, state]) => objectOf(name, state)));
    } else if (how === 'clear') {
      for (const name of this.#said.keys()) this.#forgive(name);
      this.#said.clear();
      this.#store.clear();
    } else if (how === 'clearCache') {
      this.#apart++;
      this.#store.clearCache();
    } else {
      this.#closed = true;
      this.#store.close();
    }
    this.#saidChanged();
  }

  #look(how: 'get' | 'subscribe', name: Name | undefined): void {
    const all = Array.from(this.#said).filter(([each]) => name === undefined || each === name);
    const lookUp: LookUp = {
      isSingle: name !== undefined,
      saidAtCall: new Map(all),
      mayLack: new Set(this.#goneSinceRest),
      isOver: false,
    };
    this.#lookUps.push(lookUp);
    const keys = name === undefined ? ['shop'] : ['shop', name];
    const next = (found: readonly Resource<Secret>[]): void => this.#check(lookUp, found);
    const error = (reason: unknown): void => {
      lookUp.isOver = true;
      if (!(reason instanceof StoreError)) this.violations.push(`rejected with ${String(reason)}`);
    };
    if (how === 'get') this.#store.get(...keys).then(next, error);
    else {
      const subscription = this.#store.fetch$(...keys).subscribe({ next, error });
      subscription.add(() => {
        lookUp.isOver = true;
      });
      this.#subscriptions.push(subscription);
    }
  }

  /** Whatever is given without a request has to be what the watch has said by now, or newer. */
  #peek(name: Name): void {
    if (this.#closed) return;
    const said = this.#said.get(name);
    const check = (found: readonly Resource<Secret>[]): void => {
      for (const { metadata } of found) {
        const shown = stateOf(metadata);
        if (said === undefined || shown.uid !== said.uid || shown.version < said.version)
          this.violations.push(`cached: ${name} ${JSON.stringify(shown)} after ${JSON.stringify(said)}`);
      }
    };
    this.#store.fetch$('shop', name).subscribe(check).unsubscribe();
  }

  #check(lookUp: LookUp, found: readonly Resource<Secret>[]): void {
    lookUp.isOver = true;
    const { isSingle, saidAtCall, mayLack } = lookUp;
    for (const { metadata } of found) {
      const { name } = metadata;
      const shown = stateOf(metadata);
      const what = `${name} ${JSON.stringify(shown)}`;
      const said = saidAtCall.get(name);
      if (!this.#server.knows(name, shown)) this.violations.push(`${what} never was`);
      if (said === undefined) this.violations.push(`${what} was not there when it was asked for`);
      else if (shown.version < said.version) this.violations.push(`${what} is older than what was said`);
      // The first of several may have been found long ago.
      if (!isSingle) continue;
      const rested = this.#saidAtRest.get(name);
      if (rested === undefined && !this.#saidSomething) this.violations.push(`${what} is resurrected`);
      else if (rested !== undefined && shown.version < rested.version)
        this.violations.push(`${what} is older than what was said since`);
    }
    const names = new Set(found.map(({ metadata }) => metadata.name));
    for (const name of saidAtCall.keys())
      if (!names.has(name) && !mayLack.has(name))
        this.violations.push(`${name} is left out though it was there`);
  }

  #answer({ at, answer, page }: Step & { do: 'answer' }): void {
    const { open } = this.scene;
    const request = open[at % Math.max(1, open.length)];
    if (request !== undefined) this.#respond(request, answer, page);
  }

  #respond(request: ServerRequest, answer: Answer, page: number): void {
    const { names, version }: Absence = this.#server.respond(request, answer, page);
    for (const name of names) {
      // It may be left out if it was gone when what the watch says now was known already.
      const said = this.#said.get(name);
      const atSend = this.#saidAtSend.get(request);
      const isKnown =
        version === undefined
          ? said?.uid === atSend?.uid && said?.version === atSend?.version
          : said === undefined || said.version <= version;
      if (!isKnown) continue;
      this.#forgive(name);
      this.#goneSinceRest.add(name);
    }
  }
}

function stateOf({ uid = '', resourceVersion }: Secret['metadata'] | Resource<Secret>['metadata']): State {
  return { uid, version: Number(resourceVersion) };
}
