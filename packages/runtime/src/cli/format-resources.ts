/** Owns how resources that were looked up are printed: a table, JSON, YAML or names. */
import type { KubernetesObject, Resource } from '@firn/core';
import { visibleJson, visibleText } from '../visible-text.ts';
import type { NamedResource } from './resolve-resources.ts';
import { resourceName } from './resource-name.ts';
import { shortDuration } from './screen.ts';
import { renderLine, type Span, span, type TableColumn, tableLines } from './styled-line.ts';
import { yamlText } from './yaml-text.ts';

/** kubectl's output formats. */
export type GetFormat = 'table' | 'wide' | 'json' | 'yaml' | 'name';

/** What was found of one type. */
export interface FoundOfType {
  readonly resource: Pick<NamedResource, 'gvr' | 'kind' | 'namespaced'>;
  readonly found: readonly Resource<KubernetesObject>[];
}

/** How resources are printed. */
export interface FormatOptions {
  readonly format: GetFormat;
  /** One was asked for: it is printed alone, not as a list. */
  readonly single: boolean;
  readonly color: boolean;
  /** Columns of the terminal; undefined: as wide as it gets. */
  readonly width: number | undefined;
  /** Wall-clock milliseconds, for ages. */
  readonly now: number;
}

type Found = FoundOfType['found'];

function asDocument(found: Found, single: boolean): unknown {
  const [first] = found;
  if (single && first !== undefined) return first;
  return { apiVersion: 'v1', kind: 'List', metadata: {}, items: found };
}

function ageOf(resource: Resource<KubernetesObject>, now: number): string {
  const metadata: object = resource.metadata ?? {};
  const created: unknown = Reflect.get(metadata, 'creationTimestamp');
  const time = typeof created === 'string' ? Date.parse(created) : Number.NaN;
  return Number.isNaN(time) ? '' : shortDuration(now - time);
}

/** With `typed`, names say their type, as kubectl's do where several types are listed. */
function table({ resource: type, found }: FoundOfType, options: FormatOptions, typed: boolean): string {
  const wide = options.format === 'wide';
  const columns: readonly TableColumn[] = [
    ...(type.namespaced ? [{ title: 'NAMESPACE', least: 6 }] : []),
    { title: 'NAME', least: 10 },
    { title: 'AGE' },
    ...(wide ? [{ title: 'RESOURCEVERSION' }, { title: 'UID' }] : []),
  ];
  const rows = found.map((resource): readonly Span[] => {
    const { namespace = '', name = '', resourceVersion = '', uid = '' } = resource.metadata ?? {};
    return [
      ...(type.namespaced ? [span(visibleText(namespace))] : []),
      span(typed ? resourceName(type.gvr, type.kind, name) : visibleText(name), 'bold'),
      span(ageOf(resource, options.now)),
      ...(wide ? [span(visibleText(resourceVersion)), span(visibleText(uid))] : []),
    ];
  });
  return tableLines(columns, rows, options.width ?? Number.MAX_SAFE_INTEGER)
    .map((line) => `${renderLine(line, options.color).trimEnd()}\n`)
    .join('');
}

/** The text that is printed, line end included; empty for no resources in a table. */
export function formatResources(groups: readonly FoundOfType[], options: FormatOptions): string {
  const { format } = options;
  const all = groups.flatMap(({ found }) => found);
  if (format === 'json') return `${visibleJson(asDocument(all, options.single), 2)}\n`;
  if (format === 'yaml') return yamlText(asDocument(all, options.single));
  if (format === 'name') {
    const names = groups.flatMap(({ resource: { gvr, kind }, found }) =>
      found.map(({ metadata }) => `${resourceName(gvr, kind, metadata?.name ?? '')}\n`),
    );
    return names.join('');
  }
  const shown = groups.filter(({ found }) => found.length > 0);
  return shown.map((group) => table(group, options, groups.length > 1)).join('\n');
}
