/** Owns a configuration text: its YAML nodes, and errors that name file, line and column. */
import { ConfigError } from '@firn/core';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type YAMLError,
} from 'yaml';

/** Longest text that is read, in UTF-16 code units. */
const LONGEST_TEXT = 1 << 20;
/** Most aliases that are followed, so that a small text cannot stand for a huge one. */
const MOST_ALIASES = 100;

/** What a configuration error says beside its message. */
export interface ConfigErrorDetails {
  readonly code: string;
  readonly suggestion?: string | undefined;
  readonly cause?: unknown;
}

const SYNTAX: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'a tab stands where YAML wants spaces. Indent with spaces',
  MULTIPLE_DOCS: 'a second document begins here. Keep one document, without further `---` lines',
  NON_STRING_KEY: 'a key is a list or a map. Keys are plain text',
  TAG_RESOLVE_FAILED: 'a tag (!…) stands before a value. Tags are not read: remove it',
  BAD_ALIAS: 'an alias (*…) names an anchor (&…) that does not stand before it',
  RESOURCE_EXHAUSTION: 'values are nested too deeply',
};

/** The words for what a node is, for messages. */
export function describeNode(node: Node | null): string {
  if (node === null) return 'nothing';
  if (isMap(node)) return 'a map';
  if (isSeq(node)) return 'a list';
  if (!isScalar(node) || node.value === null) return 'nothing';
  if (typeof node.value === 'boolean') return `the boolean ${node.value}`;
  if (typeof node.value === 'string') return 'text';
  return typeof node.value === 'number' ? `the number ${node.value}` : `a ${typeof node.value}`;
}

/** A parsed YAML text. */
export class YamlSource {
  readonly isText = true;
  readonly #document: Document<ParsedNode>;
  readonly #text: string;
  readonly #file: string | undefined;
  readonly #lines = new LineCounter();
  #aliases = 0;

  /** @throws {ConfigError} `INVALID_YAML` when the text is not one YAML document. */
  constructor(text: string, file: string | undefined) {
    this.#text = text;
    this.#file = file;
    if (text.length > LONGEST_TEXT) {
      throw this.errorAt(0, `the text is longer than ${LONGEST_TEXT} characters.`, { code: 'INVALID_YAML' });
    }
    this.#document = this.#parse(text);
    const problem = this.#document.errors[0] ?? this.#document.warnings[0];
    if (problem !== undefined) throw this.#syntaxError(problem);
  }

  /** The whole document; `null` if there is none. */
  get root(): Node | null {
    return this.resolve(this.#document.contents);
  }

  /** The node that an alias stands for; any other node as it is, `null` for an empty value. */
  resolve(node: Node | null): Node | null {
    if (!isAlias(node)) return node;
    this.#aliases += 1;
    if (this.#aliases > MOST_ALIASES) {
      throw this.error(node, `more than ${MOST_ALIASES} aliases (*…) stand in this file.`, {
        code: 'INVALID_YAML',
      });
    }
    const target = node.resolve(this.#document);
    if (target === undefined) {
      throw this.error(node, `${SYNTAX.BAD_ALIAS}.`, { code: 'INVALID_YAML' });
    }
    return target;
  }

  /** An error at a node, or `within` UTF-16 code units into the text of a scalar. */
  error(node: Node, message: string, details: ConfigErrorDetails, within = 0): ConfigError {
    return this.errorAt((node.range?.[0] ?? 0) + this.#textOffset(node, within), message, details);
  }

  /** An error at an offset into the text. */
  errorAt(offset: number, message: string, details: ConfigErrorDetails): ConfigError {
    const { line, col } = this.#lines.linePos(Math.min(offset, this.#text.length));
    const [atLine, column] = [Math.max(line, 1), Math.max(col, 1)];
    const place = `${this.#file === undefined ? 'line ' : `${this.#file}:`}${atLine}:${column}`;
    return new ConfigError(`${place}: ${message}`, { ...details, file: this.#file, line: atLine, column });
  }

  #parse(text: string): Document<ParsedNode> {
    try {
      return parseDocument(text, {
        lineCounter: this.#lines,
        prettyErrors: false,
        stringKeys: true,
        uniqueKeys: false,
        resolveKnownTags: false,
        logLevel: 'warn',
      });
    } catch (cause) {
      throw this.errorAt(0, 'the text cannot be read as YAML.', { code: 'INVALID_YAML', cause });
    }
  }

  #syntaxError(problem: YAMLError): ConfigError {
    const known = SYNTAX[problem.code];
    const said =
      known ??
      problem.message
        .split('\n', 1)[0]
        ?.slice(0, 200)
        .replace(/[.:]*$/, '') ??
      '';
    return this.errorAt(problem.pos[0], `this is not valid YAML: ${said}.`, {
      code: 'INVALID_YAML',
      cause: problem,
    });
  }

  /** Where the code unit stands in the file, as far as the scalar is written as it reads. */
  #textOffset(node: Node, within: number): number {
    if (within === 0 || !isScalar(node) || typeof node.value !== 'string' || !node.range) return 0;
    const [start] = node.range;
    const quote = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE' ? 1 : 0;
    return this.#text.startsWith(node.value.slice(0, within), start + quote) ? quote + within : 0;
  }
}
