import { DamagedParquet } from '@/lib/parquet/errors'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import type { ReserveMemory } from '@/lib/parquet/values'
import { type ColumnShape, childrenOf, leavesOf, type RepeatedShape } from './column-shape'
import type { LeafLevels } from './leaf-spans'
import { readLeafVector } from './leaf-vector'
import { toTableType } from './to-table-type'
import { variantVector } from './variant-vector'
import { ValidityBuilder, type Vector } from './vector'

export type ReadColumnOptions = {
  rowCount: number
  /** The levels of every column in `leavesOf(shape)`, for the same rows. */
  levelsOf: (node: SchemaNode) => LeafLevels
  /** Called before memory is allocated. */
  reserveMemory: ReserveMemory
}

/**
 * One column of the table for some rows of a file.
 *
 * @throws {DamagedParquet} if the columns of a nested value do not agree on its lists, {UnsupportedParquet}
 */
export function readColumn(shape: ColumnShape, options: ReadColumnOptions): Vector {
  return readShape(shape, options.rowCount, options)
}

function readShape(shape: ColumnShape, length: number, options: ReadColumnOptions): Vector {
  switch (shape.kind) {
    case 'missing':
      return { kind: 'constant', length, value: shape.value }
    case 'leaf': {
      const convert = toTableType(shape.type, shape.node, options.reserveMemory)
      const stored = readLeafVector(options.levelsOf(shape.node), shape.minDefinition, options.reserveMemory)
      requireLength(stored, length, shape.node)
      return convert(stored)
    }
    case 'struct': {
      const fields = shape.fields.map((field) => readShape(field, length, options))
      return { kind: 'struct', length, validity: readStructValidity(shape, length, options), fields }
    }
    case 'variant': {
      const metadata = readShape(shape.metadata, length, options)
      const stored = readShape(shape.stored, length, options)
      return variantVector(shape.group, metadata, stored, options.reserveMemory)
    }
    case 'list': {
      const { offsets, validity, entryCount } = readLists(shape, length, options)
      return { kind: 'list', length, validity, offsets, element: readShape(shape.element, entryCount, options) }
    }
    case 'map': {
      const { offsets, validity, entryCount } = readLists(shape, length, options)
      const key = readShape(shape.key, entryCount, options)
      return { kind: 'map', length, validity, offsets, key, value: readShape(shape.value, entryCount, options) }
    }
  }
}

function readStructValidity(
  { node, witness, minDefinition }: ColumnShape & { kind: 'struct' },
  length: number,
  { levelsOf }: ReadColumnOptions,
): Uint8Array | null {
  if (node.maxDefinition === minDefinition) return null
  const validity = new ValidityBuilder(length)
  let index = 0
  for (const { page, from, to } of levelsOf(witness).spans) {
    const { definitions, repetitions } = page.dataPage
    for (let i = from; i < to; i++) {
      const definition = definitions === null ? witness.maxDefinition : (definitions[i] ?? 0)
      // A list inside the struct has several levels for one struct.
      if (definition < minDefinition || (repetitions !== null && (repetitions[i] ?? 0) > node.maxRepetition)) continue
      if (definition < node.maxDefinition) validity.setNull(index)
      index++
    }
  }
  if (index !== length) throw lengthMismatchError(witness)
  return validity.finish()
}

type Lists = { offsets: Int32Array; validity: Uint8Array | null; entryCount: number }

function readLists(
  shape: ColumnShape & RepeatedShape & { kind: 'list' | 'map' },
  length: number,
  { levelsOf, reserveMemory }: ReadColumnOptions,
): Lists {
  reserveMemory(4 * (length + 1))
  const lists = readListsOf(shape, levelsOf(shape.witness), length)
  // Each column has levels of its own, and all have to tell of the same lists.
  for (const leaf of childrenOf(shape).flatMap(leavesOf)) {
    if (leaf === shape.witness) continue
    const others = readListsOf(shape, levelsOf(leaf), length)
    if (!others.offsets.every((offset, i) => offset === lists.offsets[i])) throw lengthMismatchError(leaf)
  }
  return lists
}

function readListsOf(
  { minDefinition, presentDefinition, filledDefinition, repetition: ownRepetition }: RepeatedShape,
  levels: LeafLevels,
  length: number,
): Lists {
  const offsets = new Int32Array(length + 1)
  const validity = new ValidityBuilder(length)
  let listCount = 0
  let entryCount = 0
  for (const { page, from, to } of levels.spans) {
    const { definitions, repetitions } = page.dataPage
    for (let i = from; i < to; i++) {
      const definition = definitions === null ? levels.node.maxDefinition : (definitions[i] ?? 0)
      const repetition = repetitions === null ? 0 : (repetitions[i] ?? 0)
      if (definition < minDefinition || repetition > ownRepetition) continue
      if (repetition < ownRepetition) {
        if (listCount === length) throw lengthMismatchError(levels.node)
        if (definition < presentDefinition) validity.setNull(listCount)
        offsets[listCount++] = entryCount
      }
      if (definition >= filledDefinition) entryCount++
    }
  }
  if (listCount !== length) throw lengthMismatchError(levels.node)
  offsets[length] = entryCount
  return { offsets, validity: validity.finish(), entryCount }
}

function requireLength(vector: Vector, length: number, node: SchemaNode): void {
  if (vector.length !== length) throw lengthMismatchError(node)
}

function lengthMismatchError(node: SchemaNode): DamagedParquet {
  return new DamagedParquet(`column ${node.path.join('.')} has more or fewer values than its sibling columns`)
}
