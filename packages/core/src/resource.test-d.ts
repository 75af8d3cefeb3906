/** Owns what the compiler must know about `Resource<T>`; checked by tsc, never run. */
import { expectTypeOf } from 'vitest';
import type { KubernetesObject } from './kubernetes-object.ts';
import { asClientNode, type Resource } from './resource.ts';

/** Free-form schemas of client-node are `any`; this is one without writing it. */
type Anything = ReturnType<typeof JSON.parse>;

/** A hand-written custom resource. */
interface Backup {
  apiVersion: 'example.com/v1';
  kind: 'Backup';
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; creationTimestamp?: Date };
  spec: {
    schedule: string;
    port?: number | string;
    window: [start: Date, hours?: number, ...days: string[]];
    targets: { url: string; tags: string[] }[];
    matrix: number[][];
    retention: { kind: 'count'; keep: number } | { kind: 'until'; at: Date };
    extra?: unknown;
    raw: { [key: string]: Anything };
    paused: boolean | null;
    nested?: Backup;
  };
}

type Read = Resource<Backup>;

// Readonly all the way down, optional fields stay optional, a Date is a string.
expectTypeOf<Read>().toEqualTypeOf<{
  readonly apiVersion: 'example.com/v1';
  readonly kind: 'Backup';
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: { readonly [key: string]: string };
    readonly creationTimestamp?: string;
  };
  readonly spec: {
    readonly schedule: string;
    readonly port?: number | string;
    readonly window: readonly [start: string, hours?: number, ...days: string[]];
    readonly targets: readonly { readonly url: string; readonly tags: readonly string[] }[];
    readonly matrix: readonly (readonly number[])[];
    readonly retention:
      | { readonly kind: 'count'; readonly keep: number }
      | { readonly kind: 'until'; readonly at: string };
    readonly extra?: unknown;
    readonly raw: { readonly [key: string]: Anything };
    readonly paused: boolean | null;
    readonly nested?: Read;
  };
}>();

// Unions can still be told apart.
declare const retention: Read['spec']['retention'];
if (retention.kind === 'until') expectTypeOf(retention.at).toEqualTypeOf<string>();
else expectTypeOf(retention.keep).toEqualTypeOf<number>();

// What JSON has no more to say about stays what it is.
expectTypeOf<Resource<string>>().toEqualTypeOf<string>();
expectTypeOf<Resource<'a' | 1 | true | null | undefined>>().toEqualTypeOf<
  'a' | 1 | true | null | undefined
>();
expectTypeOf<Resource<bigint>>().toEqualTypeOf<bigint>();
expectTypeOf<Resource<unknown>>().toEqualTypeOf<unknown>();
expectTypeOf<Resource<Anything>>().toEqualTypeOf<Anything>();
expectTypeOf<Resource<never>>().toEqualTypeOf<never>();
expectTypeOf<Resource<number | string>>().toEqualTypeOf<number | string>();
expectTypeOf<Resource<string & { readonly brand: 'uid' }>>().toEqualTypeOf<
  string & { readonly brand: 'uid' }
>();

// Dates of every kind are strings.
expectTypeOf<Resource<Date>>().toEqualTypeOf<string>();
expectTypeOf<Resource<Date | undefined>>().toEqualTypeOf<string | undefined>();
expectTypeOf<Resource<Date[]>>().toEqualTypeOf<readonly string[]>();
expectTypeOf<Resource<{ [key: string]: Date }>>().toEqualTypeOf<{ readonly [key: string]: string }>();

// Collections.
expectTypeOf<Resource<string[][]>>().toEqualTypeOf<readonly (readonly string[])[]>();
expectTypeOf<Resource<readonly string[]>>().toEqualTypeOf<readonly string[]>();
expectTypeOf<Resource<[Date, { a: number }]>>().toEqualTypeOf<readonly [string, { readonly a: number }]>();
expectTypeOf<Resource<Record<string, string>>>().toEqualTypeOf<Readonly<Record<string, string>>>();
expectTypeOf<Resource<string[] | { a: string }>>().toEqualTypeOf<
  readonly string[] | { readonly a: string }
>();

// Methods are not in JSON.
declare class WithMethods {
  static create(): WithMethods;
  name: string;
  rename(name: string): void;
}
expectTypeOf<Resource<WithMethods>>().toEqualTypeOf<{ readonly name: string; readonly rename: never }>();

// A resource of a resource is the same.
expectTypeOf<Resource<Read>>().toEqualTypeOf<Read>();

// What is handed out can be handed in again, and there is a way back to T.
expectTypeOf<Read>().toExtend<Backup | Resource<Backup>>();
expectTypeOf<Resource<KubernetesObject>>().toExtend<KubernetesObject>();
expectTypeOf<Read>().toExtend<KubernetesObject>();
declare const read: Read;
expectTypeOf(asClientNode(read)).toEqualTypeOf<Backup>();

// Code that is generic over T can pass resources through.
export function first<T extends KubernetesObject>(
  resources: readonly Resource<T>[],
): Resource<T> | undefined {
  return resources[0];
}
declare const reads: readonly Read[];
expectTypeOf(first(reads)).toEqualTypeOf<Read | undefined>();
