/** Owns a sink that remembers every call, and holds what a store would hold. */
import {
  compareResourceVersions,
  type FirnError,
  type KubernetesObject,
  type ResourceEvent,
} from '@firn/core';
import type { ReflectorSink, ReflectorStatus } from './reflector-sink.ts';

function identity(object: { namespace?: string | undefined; name?: string | undefined }): string {
  return `${object.namespace ?? ''}/${object.name}`;
}

/** Calls in short form, such as `list-items a/b@5`, statuses and errors apart. */
export class RecordingSink implements ReflectorSink {
  readonly calls: string[] = [];
  readonly statuses: ReflectorStatus[] = [];
  readonly errors: FirnError[] = [];
  /** Identity to resource version. */
  contents: Map<string, string> = new Map<string, string>();
  /** Called with the short form of every call, at the end of it. */
  onCall: (call: string) => void = () => undefined;
  #staged: Map<string, string> | undefined;

  get current(): ReflectorStatus | undefined {
    return this.statuses.at(-1);
  }

  listStarted(): void {
    this.#staged = new Map();
    this.#record('list-started');
  }

  listItems(objects: readonly KubernetesObject[]): void {
    for (const { metadata = {} } of objects)
      this.#list().set(identity(metadata), metadata.resourceVersion ?? '');
    const shown = objects.map(({ metadata = {} }) => `${identity(metadata)}@${metadata.resourceVersion}`);
    this.#record(`list-items ${shown.join(' ')}`);
  }

  listItemDeleted(deleted: { readonly namespace: string; readonly name: string }): void {
    this.#list().delete(identity(deleted));
    this.#record(`list-item-deleted ${identity(deleted)}`);
  }

  listCommitted(resourceVersion: string): void {
    this.contents = this.#list();
    this.#staged = undefined;
    this.#record(`list-committed ${resourceVersion}`);
  }

  listDiscarded(): void {
    this.#list();
    this.#staged = undefined;
    this.#record('list-discarded');
  }

  batch(events: readonly ResourceEvent<KubernetesObject>[], bytes: number): void {
    if (this.#staged !== undefined) throw new Error('a batch during a list');
    if (!(bytes > 0)) throw new Error('a batch without bytes');
    const shown = events.map((event) => this.#apply(event));
    this.#record(`batch ${shown.join(' ')}`);
  }

  status(status: ReflectorStatus): void {
    this.statuses.push(status);
    this.onCall(`status ${status.phase}`);
  }

  error(error: FirnError): void {
    this.errors.push(error);
    this.onCall(`error ${error.code}`);
  }

  #record(call: string): void {
    this.calls.push(call);
    this.onCall(call);
  }

  #list(): Map<string, string> {
    if (this.#staged === undefined) throw new Error('no list under way');
    return this.#staged;
  }

  #apply(event: ResourceEvent<KubernetesObject>): string {
    if (event.type === 'BOOKMARK') return `BOOKMARK@${event.resourceVersion}`;
    if (event.type === 'REPLACED' || event.type === 'CLEARED')
      throw new Error(`a reflector sends no ${event.type}`);
    if (event.origin !== 'watch') throw new Error('an event of a watch has origin watch');
    const { metadata = {} } = event.object as KubernetesObject;
    const { resourceVersion = '' } = metadata;
    const key = identity(metadata);
    const stored = this.contents.get(key);
    const isOld = stored !== undefined && compareResourceVersions(resourceVersion, stored) === -1;
    if (!isOld && event.type === 'DELETED') this.contents.delete(key);
    else if (!isOld) this.contents.set(key, resourceVersion);
    return `${event.type} ${key}@${resourceVersion}`;
  }
}
