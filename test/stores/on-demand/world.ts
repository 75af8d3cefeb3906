/** Owns the world of the property of on-demand stores: a server with a history, a watch that lags behind, and readers. */
import type { Resource, ResourceEvent } from '@firn/core';
import { StoreError } from '@firn/core';
import type { CachedStore } from '@firn/stores';
import { Scene, type Secret, type ServerRequest, secret } from './scene.ts';

export const NAMES = ['a', 'b', 'c', 'd'] as const;
export type Name = (typeof NAMES)[number];

/** A state of a resource: the server counts versions over all of them. */
interface State {
  readonly uid: string;
  readonly version: number;
}

/** What is answered: what there is, what there was when it was asked for, what there once was, or something else. */
export type Answer = 'now' | 'sent' | 'old' | 'foreign' | 'gone' | '404' | '403' | '429' | '500' | 'reset';

export type Step =
  | { readonly do: 'touch' | 'delete' | 'recreate' | 'peek'; readonly name: Name }
  | { readonly do: 'get' | 'subscribe'; readonly name: Name | undefined }
  | { readonly do: 'deliver'; readonly count: number; readonly asBatch: boolean }
  | { readonly do: 'answer'; readonly at: number; readonly answer: Answer }
  | { readonly do: 'unsubscribe'; readonly at: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'relist' | 'clear' | 'clearCache' | 'close' | 'settle' };

/** What the watch has said of each name. */
type Said = ReadonlyMap<string, State>;

interface Sent {
  readonly request: ServerRequest;
  /** What the server had, and what the watch had said, when it was sent. */
  readonly state: State | undefined;
  readonly said: State | undefined;
}

/** A look-up, until it is settled. */
interface LookUp {
  readonly name: Name | undefined;
  readonly saidAtCall: Said;
  /** Whether its one resource was gone at any time since, by what the store could know. */
  mayBeEmpty: boolean;
  isOver: boolean;
}

export interface WorldOptions {
  readonly concurrency: number;
  readonly maxCacheSize: number;
  readonly updateAgeOnGet: boolean;
}

export class World {
  readonly scene: Scene;
  readonly #store: CachedStore<Secret>;
  readonly #sent: Sent[] = [];
  readonly #server = new Map<string, State>();
  readonly #history = new Map<string, State[]>(NAMES.map((name) => [name, []]));
  readonly #unsaid: ResourceEvent<Secret>[] = [];
  readonly #lookUps: LookUp[] = [];
  readonly #subscriptions: { unsubscribe(): void }[] = [];
  readonly #said = new Map<string, State>();
  readonly #options: WorldOptions;
  /** What the watch had said when everything had last come to rest. */
  #saidAtRest: Said = new Map();
  #saidSomething = false;
  /** Known to be gone by an answer that has not been looked at: who asks now may still be told so. */
  readonly #goneSinceRest = new Set<string>();
  /** How often everything was to be fetched anew: those before and after do not share requests. */
  #apart = 0;
  #version = 7;
  #closed = false;
  violations: string[] = [];

  constructor(options: WorldOptions) {
    this.#options = options;
    this.scene = new Scene({ ...options, cacheTtl: '3s', random: () => 0.5 });
    this.#store = this.scene.store;
    const { requests } = this.scene;
    const send = requests.push.bind(requests);
    requests.push = (...added) => {
      for (const request of added) this.#note(request);
      return send(...added);
    };
  }

  /** One thing happens; what follows from it is still under way. */
  async run(step: Step): Promise<void> {
    switch (step.do) {
      case 'touch':
      case 'delete':
      case 'recreate':
        return this.#change(step.do, step.name);
      case 'get':
      case 'subscribe':
        return this.#look(step.do, step.name);
      case 'peek':
        return this.#peek(step.name);
      case 'deliver':
        return this.#deliver(step.count, step.asBatch);
      case 'answer':
        return this.#answer(step.at, step.answer);
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
    for (let round = 0; round < 100 && this.#lookUps.some(({ isOver }) => !isOver); round++) {
      if (answers) for (const request of this.scene.open) this.#respond(request, 'now');
      await this.run({ do: 'pass', ms: answers ? 300 : 10_000 });
    }
    if (this.#lookUps.some(({ isOver }) => !isOver)) this.violations.push('a look-up never ends');
    this.#expectRest('at the end');
  }

  /** Nothing is left behind: what is asked for now is requested at once, as many as may be. */
  async expectAllFree(): Promise<void> {
    if (this.#closed) return;
    for (const name of NAMES) this.#change('touch', name);
    this.#deliver(Number.POSITIVE_INFINITY, true);
    for (const name of NAMES) this.#look('get', name);
    await this.rest();
    const expected = Math.min(NAMES.length, this.#options.concurrency);
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
    const open = this.#sent.filter((sent) => sent.request.isOpen);
    if (open.length >= this.#options.concurrency) this.violations.push('too many requests at once');
    if (open.filter((sent) => sent.request.name === name).length > this.#apart)
      this.violations.push(`two requests for ${name} at once`);
    if (this.#closed) this.violations.push('a request after close');
    this.#sent.push({ request, state: this.#server.get(name), said: this.#said.get(name) });
  }

  #change(how: 'touch' | 'delete' | 'recreate', name: Name): void {
    const before = this.#server.get(name);
    if (before !== undefined && how !== 'touch') {
      this.#server.delete(name);
      this.#tell('DELETED', name, { ...before, version: ++this.#version });
    }
    if (how === 'delete') return;
    const version = ++this.#version;
    const uid = before !== undefined && how === 'touch' ? before.uid : `u${version}`;
    const state = { uid, version };
    this.#server.set(name, state);
    this.#history.get(name)?.push(state);
    this.#tell(before !== undefined && how === 'touch' ? 'MODIFIED' : 'ADDED', name, state);
  }

  #tell(type: 'ADDED' | 'MODIFIED' | 'DELETED', name: Name, state: State): void {
    this.#unsaid.push({ type, object: objectOf(name, state), origin: 'watch' });
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
    for (const lookUp of this.#lookUps) if (lookUp.name === name) lookUp.mayBeEmpty = true;
  }

  #upheave(how: 'relist' | 'clear' | 'clearCache' | 'close'): void {
    if (how === 'relist') {
      this.#unsaid.length = 0;
      this.#said.clear();
      for (const [name, state] of this.#server) this.#said.set(name, state);
      this.scene.relist(...Array.from(this.#server, ([name, state]) => objectOf(name, state)));
    } else if (how === 'clear') {
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
    const saidAtCall = new Map(this.#said);
    const mayBeEmpty = name !== undefined && (!saidAtCall.has(name) || this.#goneSinceRest.has(name));
    const lookUp: LookUp = { name, saidAtCall, mayBeEmpty, isOver: false };
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
    const { name, saidAtCall } = lookUp;
    for (const { metadata } of found) {
      const shown = stateOf(metadata);
      const what = `${metadata.name} ${JSON.stringify(shown)}`;
      const said = saidAtCall.get(metadata.name);
      const isReal = this.#history
        .get(metadata.name)
        ?.some((state) => state.uid === shown.uid && state.version === shown.version);
      if (isReal !== true) this.violations.push(`${what} never was`);
      if (said === undefined) this.violations.push(`${what} was not there when it was asked for`);
      else if (shown.version < said.version) this.violations.push(`${what} is older than what was said`);
      if (name === undefined) continue;
      const rested = this.#saidAtRest.get(name);
      if (rested === undefined && !this.#saidSomething) this.violations.push(`${what} is resurrected`);
      else if (rested !== undefined && shown.version < rested.version)
        this.violations.push(`${what} is older than what was said since`);
    }
    if (name !== undefined && found.length === 0 && !lookUp.mayBeEmpty)
      this.violations.push(`${name} is left out though it was there`);
  }

  #answer(at: number, answer: Answer): void {
    const { open } = this.scene;
    const request = open[at % Math.max(1, open.length)];
    if (request !== undefined) this.#respond(request, answer);
  }

  #respond(request: ServerRequest, answer: Answer): void {
    const { name } = request;
    const sent = this.#sent.find((one) => one.request === request);
    const states: Partial<Record<Answer, State | undefined>> = {
      now: this.#server.get(name),
      sent: sent?.state,
      old: this.#history.get(name)?.at(0),
      foreign: { uid: 'foreign', version: this.#version + 1 },
    };
    if (answer in states || answer === 'gone') {
      const state = states[answer];
      if (state === undefined) this.#gone(sent);
      request.answer(state === undefined ? undefined : objectOf(name, state));
      return;
    }
    if (answer === '404') this.#gone(sent);
    const reason = answer === 'reset' ? 'ECONNRESET' : Number(answer);
    request.refuse({ code: reason, ...(answer === '429' && { retryAfterSeconds: 2 }) });
  }

  /** A resource may be left out if it was gone when what the watch says now was known already. */
  #gone(sent: Sent | undefined): void {
    const name = sent?.request.name ?? '';
    const said = this.#said.get(name);
    if (sent?.said?.uid !== said?.uid || sent?.said?.version !== said?.version) return;
    this.#forgive(name);
    this.#goneSinceRest.add(name);
  }
}

function objectOf(name: string, { uid, version }: State): Secret {
  return secret(name, String(version), uid);
}

function stateOf({ uid = '', resourceVersion }: Secret['metadata'] | Resource<Secret>['metadata']): State {
  return { uid, version: Number(resourceVersion) };
}
