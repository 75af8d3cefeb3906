/** Owns the step from the bytes of an item or a frame to a checked object. */
import type { KubernetesObject, ResourceRef } from '@firn/core';
import type { PackedResource } from '@firn/core/engine';
import type { KubernetesStatus } from './kubernetes-status.ts';

/** An object as a server sends it: name and resource version are there, identity fields have their types. */
export interface ServedObject extends KubernetesObject {
  metadata: NonNullable<KubernetesObject['metadata']> & { name: string; resourceVersion: string };
}

/** An object that has been checked: parsed, or as an entry whose bytes are parsed when it is read. */
export type Decoded = ServedObject | PackedObject;

/** An object that has not been parsed. */
export type PackedObject = PackedResource<KubernetesObject>;

/** A frame of a watch; `Deleted` is what a deletion carries. */
export type WatchFrame<Written = Decoded, Deleted = ServedObject | ResourceRef> =
  | { readonly type: 'ADDED' | 'MODIFIED'; readonly object: Written }
  | { readonly type: 'DELETED'; readonly object: Deleted }
  | {
      readonly type: 'BOOKMARK';
      readonly resourceVersion: string;
      /** Whether it ends the initial events of a streaming list (rule 3). */
      readonly initialEventsEnd: boolean;
    }
  | { readonly type: 'ERROR'; readonly status: KubernetesStatus };

/** What an item of a list lacks and its list knows: `kind` is the list's without `List`. */
export interface ItemDefaults {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
}

/** The resource version of an object, or of a reference that a decoder gave. */
export function versionOf(object: ServedObject | ResourceRef): string {
  return ('metadata' in object ? object.metadata.resourceVersion : object.resourceVersion) ?? '';
}

/** An item and the index behind it. */
export interface TakenItem {
  readonly item: PackedObject;
  readonly end: number;
}

/** A frame, how many bytes it has, and the index of the newline behind it. */
export type TakenFrame = WatchFrame & { readonly bytes: number; readonly end: number };

/** Turns bytes into checked objects. Stateless: one serves any number of streams. */
export interface ObjectDecoder {
  /**
   * One item of a list, whose nesting the `ListSplitter` has bounded.
   *
   * @throws {ProtocolError} `MALFORMED_JSON`, `NOT_AN_OBJECT`, `INVALID_METADATA`, `MISSING_RESOURCE_VERSION`, `WRONG_KIND`.
   */
  decodeListItem(bytes: Uint8Array, defaults: ItemDefaults): Decoded;
  /**
   * Tries to find and decode, in one pass, the item that begins at `from`; gives nothing if it goes on in the next
   * chunk, or is in any way unusual. Absent where items cannot be decoded without being parsed.
   */
  takeListItem?(chunk: Uint8Array, from: number, defaults: ItemDefaults): TakenItem | undefined;
  /**
   * Tries to find and decode, in one pass, the frame that begins at `from`, up to its newline; gives nothing where
   * `takeListItem` would not. Absent where frames cannot be decoded without being parsed.
   */
  takeWatchFrame?(chunk: Uint8Array, from: number): TakenFrame | undefined;
  /**
   * One object by itself.
   *
   * @throws {ProtocolError} those of `decodeListItem`, `NESTING_TOO_DEEP`.
   */
  decodeObject(bytes: Uint8Array): ServedObject;
  /**
   * One frame of a watch.
   *
   * @throws {ProtocolError} those of `decodeListItem`, `NOT_A_WATCH_EVENT`, `NESTING_TOO_DEEP`.
   */
  decodeWatchFrame(bytes: Uint8Array): WatchFrame;
}

/** Parses every object at once: the reference for all other decoders. */
export interface ParsingDecoder extends ObjectDecoder {
  decodeListItem(bytes: Uint8Array, defaults: ItemDefaults): ServedObject;
  decodeWatchFrame(bytes: Uint8Array): WatchFrame<ServedObject, ServedObject>;
}
