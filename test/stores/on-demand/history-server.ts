/** Owns the server of the property of on-demand stores: it has a history, and answers truly, late, or wrongly. */
import type { ResourceEvent } from '@firn/core';
import { type Secret, type ServerRequest, secret } from './scene.ts';

/** A state of a resource: versions are counted over all of them. */
export interface State {
  readonly uid: string;
  readonly version: number;
}

/** What is answered: what there is, what there was when it was asked for, what there once was, or something else. */
export type Answer = 'now' | 'sent' | 'old' | 'foreign' | 'gone' | '404' | '403' | '429' | '500' | 'reset';

/** Everything at one moment. */
export interface Moment {
  readonly states: ReadonlyMap<string, State>;
  readonly version: number;
}

/** What an answer says is gone: as of which version, where that is known. */
export interface Absence {
  readonly names: readonly string[];
  readonly version: number | undefined;
}

export function objectOf(name: string, { uid, version }: State): Secret {
  return secret(name, String(version), uid);
}

const NOTHING: Absence = { names: [], version: undefined };

export class HistoryServer {
  readonly states = new Map<string, State>();
  readonly #history = new Map<string, State[]>();
  readonly #sent = new Map<ServerRequest, Moment>();
  /** Of lists that go on: where, and at which moment. */
  readonly #pages = new Map<string, { readonly from: number; readonly whole: Moment }>();
  #first: Moment | undefined;
  #version = 7;

  /** Something happens on the server; gives what a watch says of it. */
  change(how: 'touch' | 'delete' | 'recreate', name: string): ResourceEvent<Secret>[] {
    const events: ResourceEvent<Secret>[] = [];
    const told = (type: 'ADDED' | 'MODIFIED' | 'DELETED', state: State): void => {
      events.push({ type, object: objectOf(name, state), origin: 'watch' });
    };
    const before = this.states.get(name);
    if (before !== undefined && how !== 'touch') {
      this.states.delete(name);
      told('DELETED', { ...before, version: ++this.#version });
    }
    if (how === 'delete') return events;
    const version = ++this.#version;
    const goesOn = before !== undefined && how === 'touch';
    const state = { uid: goesOn ? before.uid : `u${version}`, version };
    this.states.set(name, state);
    this.#history.set(name, [...(this.#history.get(name) ?? []), state]);
    told(goesOn ? 'MODIFIED' : 'ADDED', state);
    return events;
  }

  /** Whether there ever was this state. */
  knows(name: string, { uid, version }: State): boolean {
    return (this.#history.get(name) ?? []).some((one) => one.uid === uid && one.version === version);
  }

  note(request: ServerRequest): void {
    this.#sent.set(request, this.#moment());
    this.#first ??= this.#moment();
  }

  /** Answers; gives what the answer says is gone. */
  respond(request: ServerRequest, answer: Answer, page: number): Absence {
    if (answer === '403' || answer === '404' || answer === '429' || answer === '500' || answer === 'reset') {
      const code = answer === 'reset' ? 'ECONNRESET' : Number(answer);
      request.refuse({ code, ...(answer === '429' && { retryAfterSeconds: 2 }) });
      return answer === '404' && request.verb === 'get'
        ? { names: [request.name], version: undefined }
        : NOTHING;
    }
    return request.verb === 'get' ? this.#get(request, answer) : this.#list(request, answer, page);
  }

  #get(request: ServerRequest, answer: Answer): Absence {
    const { name } = request;
    const state =
      answer === 'foreign'
        ? { uid: 'foreign', version: this.#version + 1 }
        : this.#asked(request, answer).get(name);
    request.answer(state === undefined ? undefined : objectOf(name, state));
    return state === undefined ? { names: [name], version: undefined } : NOTHING;
  }

  #asked(request: ServerRequest, answer: Answer): ReadonlyMap<string, State> {
    if (answer === 'gone') return new Map();
    if (answer === 'sent') return this.#sent.get(request)?.states ?? this.states;
    if (answer !== 'old') return this.states;
    return new Map(Array.from(this.#history, ([name, states]) => [name, states[0] as State]));
  }

  /** One page, or the first of two; the second goes on at the moment of the first. */
  #list(request: ServerRequest, answer: Answer, page: number): Absence {
    const { token } = request;
    const moments = { sent: this.#sent.get(request), old: this.#first };
    const begun = token === undefined ? undefined : this.#pages.get(token);
    const whole =
      begun?.whole ?? (answer === 'sent' || answer === 'old' ? moments[answer] : undefined) ?? this.#moment();
    const all = Array.from(answer === 'gone' ? [] : whole.states, ([name, state]) => objectOf(name, state));
    const own = begun === undefined ? all.slice(0, page) : all.slice(begun.from);
    const isLast = begun !== undefined || own.length === all.length;
    const next = isLast ? undefined : `token ${this.#pages.size}`;
    if (next !== undefined) this.#pages.set(next, { from: own.length, whole });
    if (answer === 'foreign' && own[0] !== undefined) own[0].metadata.uid = 'foreign';
    request.answer({
      items: own,
      resourceVersion: String(whole.version),
      ...(next === undefined ? undefined : { continue: next }),
    });
    const listed = answer === 'gone' ? new Map() : whole.states;
    const names = [...this.#history.keys()].filter((name) => !listed.has(name));
    return { names, version: whole.version };
  }

  #moment(): Moment {
    return { states: new Map(this.states), version: this.#version };
  }
}
