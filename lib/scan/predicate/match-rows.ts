import type { Value } from '@/lib/iceberg/schema/types'
import { bytesAt } from '../read/to-table-type'
import { isValid, type Vector } from '../read/vector'
import { toComparable } from './comparable'
import type { BoundColumn, BoundCondition, BoundPredicate } from './predicate'
import { createValueTest, primitiveOf, type ValueTest } from './value-test'

/**
 * The rows of a batch that pass a predicate, a byte per row: 1 if it passes.
 *
 * @param vectorOf the vector of the column's `field`, of `rowCount` rows
 */
export function matchRows(
  predicate: BoundPredicate,
  vectorOf: (column: BoundColumn) => Vector,
  rowCount: number,
): Uint8Array {
  switch (predicate.kind) {
    case 'true':
      return new Uint8Array(rowCount).fill(1)
    case 'false':
      return new Uint8Array(rowCount)
    case 'and':
    case 'or': {
      const isAnd = predicate.kind === 'and'
      const matches = new Uint8Array(rowCount).fill(isAnd ? 1 : 0)
      for (const part of predicate.parts) {
        const others = matchRows(part, vectorOf, rowCount)
        for (let i = 0; i < rowCount; i++) {
          matches[i] = isAnd ? (matches[i] ?? 0) & (others[i] ?? 0) : (matches[i] ?? 0) | (others[i] ?? 0)
        }
      }
      return matches
    }
    default:
      return matchCondition(predicate, vectorOf(predicate.column), rowCount)
  }
}

/** Their indexes, in order. */
export function matchingIndexes(matches: Uint8Array): Uint32Array {
  let count = 0
  for (const match of matches) count += match
  const indexes = new Uint32Array(count)
  let next = 0
  for (let i = 0; i < matches.length; i++) if (matches[i] === 1) indexes[next++] = i
  return indexes
}

function matchCondition(condition: BoundCondition, column: Vector, rowCount: number): Uint8Array {
  const matches = new Uint8Array(rowCount)
  const { vector, isNull } = unwrap(column, condition.column.depth)
  if (condition.kind === 'is-null' || condition.kind === 'not-null') {
    const expected = condition.kind === 'is-null'
    for (let i = 0; i < rowCount; i++) matches[i] = isNull(i) === expected ? 1 : 0
    return matches
  }
  const passes = createPositionTest(condition, vector)
  for (let i = 0; i < rowCount; i++) if (!isNull(i) && passes(i)) matches[i] = 1
  return matches
}

/** The vector inside the only fields of structs; a null around it is one too. */
function unwrap(column: Vector, depth: number): { vector: Vector; isNull: (index: number) => boolean } {
  const validities: Uint8Array[] = []
  let vector = column
  for (let i = 0; i < depth && vector.kind === 'struct'; i++) {
    if (vector.validity) validities.push(vector.validity)
    const [inside] = vector.fields
    if (!inside) throw new Error('a struct was read without the column that a filter tests')
    vector = inside
  }
  if (vector.kind === 'constant') {
    const isConstantNull = vector.value === null
    return { vector, isNull: (index) => isConstantNull || validities.some((validity) => !isValid(validity, index)) }
  }
  if (vector.validity) validities.push(vector.validity)
  const [only] = validities
  if (only === undefined) return { vector, isNull: () => false }
  if (validities.length === 1) return { vector, isNull: (index) => !isValid(only, index) }
  return { vector, isNull: (index) => validities.some((validity) => !isValid(validity, index)) }
}

function createPositionTest(condition: BoundCondition, vector: Vector): (index: number) => boolean {
  const test = createValueTest(condition)
  switch (vector.kind) {
    case 'constant': {
      const { value } = vector
      if (Array.isArray(value)) throw new Error(`column ${condition.column.name} is not primitive`)
      const passes = value !== null && test(toComparable(primitiveOf(condition), value as Value))
      return () => passes
    }
    case 'boolean':
    case 'int32':
    case 'int64':
    case 'float32':
    case 'float64': {
      const { data } = vector
      return (i) => test(data[i] ?? 0)
    }
    case 'int128': {
      const { data } = vector
      return (i) => test(((data[2 * i + 1] ?? 0n) << 64n) | BigInt.asUintN(64, data[2 * i] ?? 0n))
    }
    case 'fixed':
    case 'bytes':
      return (i) => test(bytesAt(vector, i))
    case 'dictionary': {
      const { dictionary, indexes } = vector
      // Each entry is compared once, if rows repeat entries.
      if (dictionary.length > indexes.length) return (i) => test(bytesAt(vector, i))
      const entryMatches = matchEntries(dictionary, test)
      return (i) => entryMatches[indexes[i] ?? 0] === 1
    }
    case 'struct':
    case 'list':
    case 'map':
      throw new Error(`a filter cannot compare values of a ${vector.kind}`)
  }
}

function matchEntries(dictionary: Vector, test: ValueTest): Uint8Array {
  const matches = new Uint8Array(dictionary.length)
  for (let i = 0; i < dictionary.length; i++) matches[i] = test(bytesAt(dictionary, i)) ? 1 : 0
  return matches
}
