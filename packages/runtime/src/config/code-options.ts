/** Owns the reading of options that are given in code, by the rules of a configuration file. */
import { ConfigError } from '@firn/core';
import { type Node, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { Place, type Shape, type ShapeSource } from './shape.ts';

const code: ShapeSource = {
  isText: false,
  resolve: (node) => node,
  error: (_, message, details) => new ConfigError(message, details),
};

/** What stands for a value; what is in a list or a map is not looked at. */
function nodeOf(value: unknown): Node {
  if (Array.isArray(value)) return new YAMLSeq();
  return typeof value === 'object' && value !== null ? new YAMLMap() : new Scalar(value);
}

/**
 * Reads one option that is neither a list nor a map.
 *
 * @throws {ConfigError} as in a file, without a place; the message begins with the option's name.
 */
export function readCodeOption<T>(value: unknown, name: string, shape: Shape<T>): T {
  return shape.read(nodeOf(value), new Place(code, name));
}
