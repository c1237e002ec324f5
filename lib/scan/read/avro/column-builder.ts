import { type AvroRecord, type AvroType, minSizeBytes } from '@/lib/iceberg/avro/avro-type'
import type { ByteCursor } from '@/lib/iceberg/avro/byte-cursor'
import { chooseBranch, skipper } from '@/lib/iceberg/avro/read-value'
import type { ListType, MapType, NestedField, StructType, Type } from '@/lib/iceberg/schema/types'
import type { ReserveMemory } from '@/lib/parquet/values'
import type { ShapeOptions } from '../column-shape'
import type { Vector } from '../vector'
import { type ColumnPath, damagedAvroError, UnreadableAvroColumn } from './avro-errors'
import { type FieldIds, fieldIdOf, findField, idsInside } from './avro-fields'
import { type ColumnBuilder, createConstantBuilder, createListBuilder, createStructBuilder } from './growing-columns'
import { createPrimitiveBuilder } from './primitive-builder'

export type BuilderContext = ColumnPath & {
  ids: FieldIds
  missingValueOf: ShapeOptions['missingValueOf']
  reserveMemory: ReserveMemory
  /** How many values there will probably be; 0 inside lists. */
  expectedCount: number
}

/** Reads records of a file into columns of the table. */
export type RecordBuilder = {
  read(cursor: ByteCursor): void
  skip(cursor: ByteCursor): void
  finish(length: number): Vector[]
}

/**
 * @param root the type of the file's records
 * @throws {UnreadableAvroColumn} for a column of the file that does not match the type in the table; {AppError}
 *   file-damaged
 */
export function createRecordBuilder(
  root: AvroType,
  fields: readonly NestedField[],
  options: Omit<BuilderContext, keyof ColumnPath> & Pick<ColumnPath, 'label'>,
): RecordBuilder {
  const context = { ...options, path: [], columnId: null }
  if (root.kind !== 'record') throw damagedAvroError(context.label, 'its values are not records')
  const { readFields, builders } = createFieldBuilders(root, fields, context)
  return {
    read: readFields,
    skip: skipper(root, context.label),
    finish: (length) => builders.map((builder) => builder.finish(length)),
  }
}

/** Fields of a record in the order of the table; others are skipped. */
function createFieldBuilders(
  record: AvroRecord,
  fields: readonly NestedField[],
  context: BuilderContext,
): { readFields: (cursor: ByteCursor) => void; builders: ColumnBuilder[] } {
  const byField = new Map<object, ColumnBuilder>()
  const builders = fields.map((field) => {
    const stored = findField(record, field.id, context.ids)
    if (!stored) return createConstantBuilder(context.missingValueOf(field), () => undefined)
    const inside = {
      ...context,
      ids: idsInside(stored.name, context.ids),
      path: [...context.path, field.name],
      columnId: context.columnId ?? field.id,
    }
    const builder = createColumnBuilder(field.type, stored.type, inside)
    byField.set(stored, builder)
    return builder
  })
  const steps = record.fields.map((stored) => {
    const builder = byField.get(stored)
    return builder ? builder.read : skipper(stored.type, context.label)
  })
  return {
    builders,
    readFields(cursor) {
      for (const step of steps) step(cursor)
    },
  }
}

/** `read` of the result reads nulls too. */
function createColumnBuilder(type: Type, avroType: AvroType, context: BuilderContext): ColumnBuilder {
  if (avroType.kind !== 'union') return createBranchBuilder(type, avroType, context)
  const values = avroType.branches.filter(({ kind }) => kind !== 'null')
  const [only] = values
  // Every value of an unknown column is null.
  if (!only || type === 'unknown') return createConstantBuilder(null, skipper(avroType, context.label))
  if (values.length > 1) {
    const kinds = values.map(({ kind }) => kind).join(', ')
    throw new UnreadableAvroColumn('not-supported', `is one of several types (${kinds})`, context)
  }
  const builder = createBranchBuilder(type, only, context)
  const branches = avroType.branches.map((branch) =>
    branch.kind === 'null' ? () => builder.appendNull() : (cursor: ByteCursor) => builder.read(cursor),
  )
  return { ...builder, read: (cursor) => chooseBranch(branches, cursor)(cursor) }
}

function createBranchBuilder(type: Type, avroType: AvroType, context: BuilderContext): ColumnBuilder {
  if (avroType.kind === 'null' || type === 'unknown')
    return createConstantBuilder(null, skipper(avroType, context.label))
  if (typeof type === 'string') return createPrimitiveBuilder(type, avroType, context)
  switch (type.type) {
    case 'struct':
      return createStructColumn(type, avroType, context)
    case 'list':
      return createListColumn(type, avroType, context)
    case 'map':
      return createMapColumn(type, avroType, context)
  }
}

function createStructColumn(type: StructType, avroType: AvroType, context: BuilderContext): ColumnBuilder {
  if (avroType.kind !== 'record') throw mismatchError(avroType, 'a struct', context)
  const { readFields, builders } = createFieldBuilders(avroType, type.fields, context)
  return createStructBuilder(readFields, builders, context.reserveMemory)
}

function createListColumn(type: ListType, avroType: AvroType, context: BuilderContext): ColumnBuilder {
  if (avroType.kind !== 'array') throw mismatchError(avroType, 'a list', context)
  const element = createColumnBuilder(type.element, avroType.items, insideEntries('element', context))
  return createListBuilder(
    entriesReader(minSizeBytes(avroType.items), (cursor) => element.read(cursor), context.reserveMemory),
    (lists, entryCount) => ({ kind: 'list', ...lists, element: element.finish(entryCount) }),
    context,
  )
}

/** Either an Avro map, whose keys are strings, or an array of records with a key and a value. */
function createMapColumn(type: MapType, avroType: AvroType, context: BuilderContext): ColumnBuilder {
  if (avroType.kind === 'map') {
    const key = createColumnBuilder(type.key, { kind: 'string' }, insideEntries('key', context))
    const value = createColumnBuilder(type.value, avroType.values, insideEntries('value', context))
    const readEntry = (cursor: ByteCursor) => {
      key.read(cursor)
      value.read(cursor)
    }
    return createListBuilder(
      entriesReader(1 + minSizeBytes(avroType.values), readEntry, context.reserveMemory),
      (lists, entryCount) => ({ kind: 'map', ...lists, key: key.finish(entryCount), value: value.finish(entryCount) }),
      context,
    )
  }
  const record = avroType.kind === 'array' ? toRecord(avroType.items) : null
  if (!record) throw mismatchError(avroType, 'a map', context)
  const entryFields: NestedField[] = [
    { id: type.keyId, name: 'key', required: true, type: type.key },
    { id: type.valueId, name: 'value', required: type.valueRequired, type: type.value },
  ]
  if (!record.fields.some((field) => fieldIdOf(field, context.ids) === type.keyId)) {
    throw new UnreadableAvroColumn('file-damaged', 'is a map without keys', context)
  }
  const { readFields, builders } = createFieldBuilders(record, entryFields, { ...context, expectedCount: 0 })
  const [key, value] = builders
  if (!key || !value) throw mismatchError(avroType, 'a map', context)
  return createListBuilder(
    entriesReader(minSizeBytes(record), readFields, context.reserveMemory),
    (lists, entryCount) => ({ kind: 'map', ...lists, key: key.finish(entryCount), value: value.finish(entryCount) }),
    context,
  )
}

function toRecord(type: AvroType): AvroRecord | null {
  return type.kind === 'record' ? type : null
}

function insideEntries(name: string, context: BuilderContext): BuilderContext {
  return { ...context, ids: idsInside(name, context.ids), path: [...context.path, name], expectedCount: 0 }
}

/** An entry that takes no bytes still takes time and, in row values, memory. */
const EMPTY_ENTRY_BYTES = 16

/**
 * Reads the entries of one list or map, which Avro writes in blocks. A negative count is followed by the block's size.
 *
 * @returns a function that returns the number of entries
 */
function entriesReader(
  entryBytes: number,
  readEntry: (cursor: ByteCursor) => void,
  reserveMemory: ReserveMemory,
): (cursor: ByteCursor) => number {
  return (cursor) => {
    let total = 0
    for (let stated = cursor.integer(); stated !== 0; stated = cursor.integer()) {
      if (stated < 0) cursor.skipLong()
      const count = Math.abs(stated)
      if (entryBytes === 0) reserveMemory(count * EMPTY_ENTRY_BYTES)
      else if (count * entryBytes > cursor.remainingBytes)
        throw cursor.damagedError(`a list of ${count} values does not fit in the remaining bytes`)
      for (let index = 0; index < count; index += 1) readEntry(cursor)
      total += count
    }
    return total
  }
}

function mismatchError({ kind }: AvroType, expected: string, context: BuilderContext): Error {
  return new UnreadableAvroColumn('not-supported', `holds ${kind}, but is ${expected} in the table`, context)
}
