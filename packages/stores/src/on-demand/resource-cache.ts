/** Owns what was fetched: as much of it as may be kept, for as long as it may. */
import type { Resource } from '@firn/core';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import { jsonSize } from './json-size.ts';
import { isOlder } from './response-check.ts';

/** A resource that was fetched, or given by a call. */
export interface CachedResource<T> {
  readonly resource: Resource<T>;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
}

/** How much is kept and for how long. */
export interface CacheLimits {
  readonly maxCacheSize: number;
  /** Of JSON text. */
  readonly maxCacheBytes: number | undefined;
  /** Milliseconds. */
  readonly cacheTtl: number;
  /** Whether the time begins anew when an entry is read. */
  readonly updateAgeOnGet: boolean;
}

/** The least recently used leave when there are too many; all leave when their time is over, by one timer. */
export class ResourceCache<T> {
  readonly #clock: Clock;
  readonly #ttl: number;
  readonly #slides: boolean;
  readonly #entries: LRUCache<string, CachedResource<T>>;
  /** When each is over. All have the same time to live, so whoever was put in last is over last. */
  readonly #ends = new Map<string, number>();
  #timer: unknown;
  #evictions = 0;
  #expirations = 0;

  constructor({ maxCacheSize, maxCacheBytes, cacheTtl, updateAgeOnGet }: CacheLimits, clock: Clock) {
    this.#clock = clock;
    this.#ttl = cacheTtl;
    this.#slides = updateAgeOnGet;
    this.#entries = new LRUCache({
      max: maxCacheSize,
      ...(maxCacheBytes === undefined
        ? undefined
        : {
            maxSize: maxCacheBytes,
            sizeCalculation: ({ resource }: CachedResource<T>) => jsonSize(resource),
          }),
      disposeAfter: (_cached, key, reason) => {
        if (reason === 'evict') this.#evictions++;
        if (reason !== 'set') this.#forget(key);
      },
    });
  }

  get size(): number {
    return this.#entries.size;
  }

  get evictions(): number {
    return this.#evictions;
  }

  get expirations(): number {
    return this.#expirations;
  }

  /** For whoever reads. */
  get(key: string): CachedResource<T> | undefined {
    const cached = this.#entries.get(key);
    if (cached === undefined) return undefined;
    if ((this.#ends.get(key) as number) <= this.#clock.monotonic()) {
      this.#expire(key);
      return undefined;
    }
    if (this.#slides) this.#begin(key);
    return cached;
  }

  /** For whoever checks; does not count as being used. */
  peek(key: string): CachedResource<T> | undefined {
    return this.#entries.peek(key);
  }

  set(key: string, cached: CachedResource<T>): void {
    this.#entries.set(key, cached);
    if (this.#entries.has(key)) {
      this.#begin(key);
      this.#arm();
      return;
    }
    // It is larger than all may be together and was not taken, but the one before it was thrown out.
    this.#forget(key);
  }

  /** Puts in what a server said, unless something newer of the same resource is there; gives what is to be shown. */
  keepNewest(key: string, cached: CachedResource<T>): CachedResource<T> {
    const known = this.peek(key);
    if (known !== undefined && isOlder(cached, known)) return known;
    this.set(key, cached);
    return cached;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Identities of what is kept. */
  keys(): readonly string[] {
    return [...this.#entries.keys()];
  }

  clear(): void {
    for (const key of this.keys()) this.#entries.delete(key);
  }

  /** Drops what is over; gives how many there were. */
  evictExpired(): number {
    const now = this.#clock.monotonic();
    let count = 0;
    for (const [key, end] of this.#ends) {
      if (end > now) break;
      this.#expire(key);
      count++;
    }
    return count;
  }

  #begin(key: string): void {
    this.#ends.delete(key);
    this.#ends.set(key, this.#clock.monotonic() + this.#ttl);
  }

  #expire(key: string): void {
    this.#expirations++;
    this.#entries.delete(key);
  }

  #forget(key: string): void {
    this.#ends.delete(key);
    if (this.#ends.size > 0 || this.#timer === undefined) return;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** One timer, for the one that is over first; it keeps no process alive. */
  #arm(): void {
    const [end] = this.#ends.values();
    if (this.#timer !== undefined || end === undefined) return;
    const delay = Math.max(1, Math.ceil(end - this.#clock.monotonic()));
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.evictExpired();
      this.#arm();
    }, delay);
    (this.#timer as Partial<NodeJS.Timeout>)?.unref?.();
  }
}
