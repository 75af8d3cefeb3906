/** Owns the random writers: what each write of a round does follows from the round's seed and the write's number. */
import type { KubernetesObject } from '@firn/core';
import { Random, seedOf } from '../random.ts';
import {
  type Content,
  manifestOf,
  type Place,
  placeOf,
  RESOURCES,
  type ResourceName,
  type SoakResource,
  TIERS,
} from './resources.ts';
import type { SoakServer } from './soak-server.ts';
import type { VersionModel } from './version-model.ts';

const RESOURCE_WEIGHTS: Readonly<Record<ResourceName, number>> = {
  configmaps: 55,
  secrets: 15,
  ingresses: 20,
  clusterroles: 10,
};
/** What is done to an object that is there; one that is not is created. */
const VERB_WEIGHTS = { update: 45, patch: 30, delete: 15, recreate: 10 } as const;

/** Text that has been a problem to somebody: separators of lines, pairs of surrogates, quotes. */
const ODD_TEXT: readonly string[] = ['\u2028\u2029', '😀\ud83d', '"\\"\n', 'ä\u0000ö', ']}{['];

/** Carries writes out, those of one object one after the other, and tells the model of each. */
export class Writer {
  readonly #server: SoakServer;
  readonly #model: VersionModel;
  readonly #lastOf = new Map<string, Promise<void>>();
  #underWay = 0;
  #count = 0;
  #failure: { readonly cause: unknown } | undefined;

  constructor(server: SoakServer, model: VersionModel) {
    this.#server = server;
    this.#model = model;
  }

  /** Writes so far. */
  get count(): number {
    return this.#count;
  }

  /** Whether another write may begin. */
  get isFree(): boolean {
    return this.#underWay < this.#server.concurrency;
  }

  /** One write: whichever others are left out, it stays what it is. Goes on by itself; see `settled`. */
  write(roundSeed: number, number: number): void {
    const random = new Random(seedOf(roundSeed, number));
    const resource = RESOURCES[random.weighted(RESOURCE_WEIGHTS)];
    const slot = random.between(0, resource.slots);
    const lane = `${resource.name}/${slot}`;
    this.#underWay++;
    const done = this.#after(this.#lastOf.get(lane), () => this.#change(resource, slot, random))
      .catch((cause: unknown) => {
        this.#failure ??= { cause };
      })
      .finally(() => {
        this.#underWay--;
        if (this.#lastOf.get(lane) === done) this.#lastOf.delete(lane);
      });
    this.#lastOf.set(lane, done);
  }

  /**
   * Resolves when no write is under way.
   *
   * @throws {Error} what a write was refused with: the soak itself is wrong then.
   */
  async settled(): Promise<void> {
    await Promise.all(this.#lastOf.values());
    if (this.#failure !== undefined) throw new Error('A write was refused.', this.#failure);
  }

  async #after(earlier: Promise<void> | undefined, act: () => Promise<void>): Promise<void> {
    if (earlier !== undefined) await earlier;
    await act();
  }

  async #change(resource: SoakResource, slot: number, random: Random): Promise<void> {
    const place = placeOf(resource, slot);
    const content = this.#drawContent(random);
    const verb = random.weighted(VERB_WEIGHTS);
    if (this.#model.current(resource.name, place) === undefined) {
      return this.#tell(resource, this.#server.create(resource, manifestOf(resource, slot, content)));
    }
    switch (verb) {
      case 'update':
        return this.#tell(resource, this.#server.update(resource, manifestOf(resource, slot, content)));
      case 'patch':
        return this.#tell(resource, this.#server.patch(resource, patchOf(resource, place, content, random)));
      case 'delete':
        return this.#delete(resource, place);
      case 'recreate':
        await this.#delete(resource, place);
        return this.#tell(resource, this.#server.create(resource, manifestOf(resource, slot, content)));
    }
  }

  async #delete(resource: SoakResource, place: Place): Promise<void> {
    this.#model.deleting(resource.name, place);
    await this.#server.delete(resource, place);
    this.#model.deleted(resource.name, place);
    this.#count++;
  }

  async #tell(resource: SoakResource, written: Promise<KubernetesObject>): Promise<void> {
    this.#model.wrote(resource.name, await written);
    this.#count++;
  }

  #drawContent(random: Random): Content {
    const odd = random.chance(0.05) ? random.pick(ODD_TEXT) : '';
    const filling = 'x'.repeat(random.chance(0.01) ? 20_000 : random.between(0, 200));
    return {
      selected: random.chance(0.6),
      tier: random.pick(TIERS),
      // Every write is another one: what is the same as before would be no new version.
      text: `${random.next()} ${odd} ${filling}`,
    };
  }
}

/** Some of what `content` says. */
function patchOf(
  { apiVersion, kind, body, name: resource }: SoakResource,
  { namespace, name }: Place,
  content: Content,
  random: Random,
): KubernetesObject {
  const { selected, tier, text } = content;
  const moves = random.chance(0.5);
  return {
    apiVersion,
    kind,
    metadata: {
      ...(namespace === '' ? undefined : { namespace }),
      name,
      annotations: { text },
      labels: {
        ...(moves ? { tier } : undefined),
        ...(random.chance(0.4) && { soak: selected ? 'in' : 'out' }),
      },
    },
    ...(moves && resource === 'ingresses' ? body(content) : undefined),
  };
}
