import { AppError } from '@/lib/errors'
import { type AvroField, type AvroRecord, type AvroType, minSizeBytes } from './avro-type'
import type { ByteCursor } from './byte-cursor'

/**
 * A reader is built once from the writer's schema and then runs on every record. Fields that are not requested are
 * skipped, not decoded.
 */
export type Reader<T> = (cursor: ByteCursor) => T

/** A requested field of a record. Matched by id if the writer wrote field ids, otherwise by one of its names. */
export type ProjectedField<T> = {
  fieldId: number
  names: readonly [string, ...string[]]
  required: boolean
  /** Builds the function that reads the field's value and stores it in the record. */
  buildReader: (type: AvroType, label: string) => (cursor: ByteCursor, record: T) => void
}

/** @param assign is not called for null; a null is refused if the field is required */
export function projectedField<T, V>(
  fieldId: number,
  names: readonly [string, ...string[]],
  buildReader: (type: AvroType, label: string) => Reader<V | null>,
  assign: (record: T, value: V) => void,
  { required = false }: { required?: boolean } = {},
): ProjectedField<T> {
  return {
    fieldId,
    names,
    required,
    buildReader: (type, label) => {
      const read = buildReader(type, label)
      return (cursor, record) => {
        const value = read(cursor)
        if (value !== null) assign(record, value)
        else if (required) throw cursor.damagedError(`${names[0]} is null`)
      }
    },
  }
}

/**
 * Reads a record into `T`. Unknown fields are skipped; requested fields that the writer does not have keep their value.
 * Some writers declare every record as nullable. A null in its place is refused.
 *
 * @throws {AppError} file-damaged when a required field is missing from the schema
 */
export function recordReader<T>(
  type: AvroType,
  projection: readonly ProjectedField<T>[],
  label: string,
): (cursor: ByteCursor, record: T) => void {
  if (type.kind === 'union') {
    const branches = type.branches.map((branch) =>
      branch.kind === 'null' ? refuseNullRecord : recordReader(branch, projection, label),
    )
    return (cursor, record) => chooseBranch(branches, cursor)(cursor, record)
  }
  if (type.kind !== 'record') throw mismatchError(label, 'a record', type)
  const steps = type.fields.map((field) => {
    const match = projection.find((projected) => isField(field, projected))
    if (match) return match.buildReader(field.type, `${label}, field ${match.names[0]},`)
    const skip = skipper(field.type, label)
    return (cursor: ByteCursor) => skip(cursor)
  })
  for (const projected of projection)
    if (projected.required && !type.fields.some((field) => isField(field, projected)))
      throw new AppError('file-damaged', `The ${label} cannot be read: it has no field ${projected.names[0]}`)
  return (cursor, record) => {
    for (const step of steps) step(cursor, record)
  }
}

function refuseNullRecord(cursor: ByteCursor): never {
  throw cursor.damagedError(`a record is null at byte ${cursor.position}`)
}

function isField(field: AvroField, projected: { fieldId: number; names: readonly string[] }): boolean {
  return field.fieldId === null ? projected.names.includes(field.name) : field.fieldId === projected.fieldId
}

/** A count or a size. One below zero damages the file: readers would skip rows, or add less than nothing to a sum. */
export function countReader(type: AvroType, label: string): Reader<number | null> {
  return integralReader(type, label, (cursor) => {
    const count = cursor.integer()
    if (count < 0) throw cursor.damagedError(`it has the count or size ${count}`)
    return count
  })
}

/** A number or an id of 32 bits. */
export function integerReader(type: AvroType, label: string): Reader<number | null> {
  return integralReader(type, label, (cursor) => cursor.integer())
}

/** A 64-bit id, as decimal text. */
export function idReader(type: AvroType, label: string): Reader<string | null> {
  return integralReader(type, label, (cursor) => cursor.id())
}

/** An enum stored as its index, from 0. */
export function enumReader<W extends string>(
  symbols: readonly W[],
): (type: AvroType, label: string) => Reader<W | null> {
  return (type, label) =>
    integralReader(type, label, (cursor) => {
      const index = cursor.integer()
      const symbol = symbols[index]
      if (symbol === undefined)
        throw cursor.damagedError(`it has the unknown value ${index}, expected 0 to ${symbols.length - 1}`)
      return symbol
    })
}

function integralReader<T>(type: AvroType, label: string, read: Reader<T>): Reader<T | null> {
  return nullableReader(type, label, 'a whole number', (branch) =>
    branch.kind === 'int' || branch.kind === 'long' ? read : null,
  )
}

export function textReader(type: AvroType, label: string): Reader<string | null> {
  return nullableReader(type, label, 'a string', (branch) =>
    branch.kind === 'string' ? (cursor) => cursor.text() : null,
  )
}

export function booleanReader(type: AvroType, label: string): Reader<boolean | null> {
  return nullableReader(type, label, 'a boolean', (branch) =>
    branch.kind === 'boolean' ? (cursor) => cursor.boolean() : null,
  )
}

export function binaryReader(type: AvroType, label: string): Reader<Uint8Array | null> {
  return nullableReader(type, label, 'bytes', (branch) => {
    if (branch.kind === 'bytes') return (cursor) => cursor.binary()
    return branch.kind === 'fixed' ? (cursor) => cursor.fixed(branch.sizeBytes) : null
  })
}

export function arrayReader<T>(
  type: AvroType,
  label: string,
  itemReader: (items: AvroType) => Reader<T>,
): Reader<T[] | null> {
  return nullableReader(type, label, 'a list', (branch) => {
    if (branch.kind !== 'array') return null
    const forEachItem = itemIterator(branch, label)
    const read = itemReader(branch.items)
    return (cursor) => {
      const items: T[] = []
      forEachItem(cursor, (at) => items.push(read(at)))
      return items
    }
  })
}

/**
 * Reads a value that may be in a union with null.
 *
 * @param buildReader returns the reader of a branch, or null when a branch of that kind is not expected here
 */
export function nullableReader<T>(
  type: AvroType,
  label: string,
  expected: string,
  buildReader: (branch: AvroType) => Reader<T> | null,
): Reader<T | null> {
  if (type.kind !== 'union') return nonNullReader(type)
  const branches = type.branches.map(nonNullReader)
  return (cursor) => chooseBranch(branches, cursor)(cursor)

  function nonNullReader(branch: AvroType): Reader<T | null> {
    if (branch.kind === 'null') return () => null
    const read = buildReader(branch)
    if (read === null) throw mismatchError(label, expected, branch)
    return read
  }
}

/** Skips a value without decoding it. */
export function skipper(type: AvroType, label: string): Reader<void> {
  switch (type.kind) {
    case 'null':
      return () => undefined
    case 'boolean':
      return (cursor) => cursor.skip(1)
    case 'int':
    case 'long':
    case 'enum':
      return (cursor) => cursor.skipLong()
    case 'float':
      return (cursor) => cursor.skip(4)
    case 'double':
      return (cursor) => cursor.skip(8)
    case 'bytes':
    case 'string':
      return (cursor) => cursor.skipBinary()
    case 'fixed':
      return (cursor) => cursor.skip(type.sizeBytes)
    case 'array':
    case 'map': {
      const item = itemSkipper(type, label)
      const itemBytes = type.kind === 'array' ? minSizeBytes(type.items) : 1
      return (cursor) => {
        for (let count = cursor.integer(); count !== 0; count = cursor.integer()) {
          if (count < 0) cursor.skip(cursor.count())
          else {
            checkItemCount(cursor, count, itemBytes)
            for (let index = 0; index < count; index += 1) item(cursor)
          }
        }
      }
    }
    case 'union': {
      const branches = type.branches.map((branch) => skipper(branch, label))
      return (cursor) => chooseBranch(branches, cursor)(cursor)
    }
    case 'record':
      return recordSkipper(type, label)
  }
}

function recordSkipper(type: AvroRecord, label: string): Reader<void> {
  // Most of a manifest is pairs of a field id and a count or bound. They are skipped by the million, so this is fast.
  const shape = type.fields.map((field) => field.type.kind).join(' ')
  if (shape === 'int long')
    return (cursor) => {
      cursor.skipLong()
      cursor.skipLong()
    }
  if (shape === 'int bytes')
    return (cursor) => {
      cursor.skipLong()
      cursor.skipBinary()
    }
  const fields = type.fields.map((field) => skipper(field.type, label))
  return (cursor) => {
    for (const field of fields) field(cursor)
  }
}

function itemSkipper(type: AvroType & { kind: 'array' | 'map' }, label: string): Reader<void> {
  if (type.kind === 'array') return skipper(type.items, label)
  const value = skipper(type.values, label)
  return (cursor) => {
    cursor.skipBinary()
    value(cursor)
  }
}

/**
 * Runs `read` on every item of a list, which Avro writes in blocks. A negative count is followed by the block's size.
 */
function itemIterator(
  type: AvroType & { kind: 'array' },
  label: string,
): (cursor: ByteCursor, read: (cursor: ByteCursor) => void) => void {
  const itemBytes = minSizeBytes(type.items)
  if (itemBytes === 0) throw mismatchError(label, 'a list of values', type.items)
  return (cursor, read) => {
    for (let count = cursor.integer(); count !== 0; count = cursor.integer()) {
      if (count < 0) cursor.skipLong()
      checkItemCount(cursor, Math.abs(count), itemBytes)
      for (let index = 0; index < Math.abs(count); index += 1) read(cursor)
    }
  }
}

function checkItemCount(cursor: ByteCursor, itemCount: number, itemBytes: number): void {
  if (itemCount * Math.max(itemBytes, 1) > cursor.remainingBytes)
    throw cursor.damagedError(`a list of ${itemCount} values does not fit in the remaining bytes`)
}

/** Reads which branch of a union follows. */
export function chooseBranch<Branch>(branches: readonly Branch[], cursor: ByteCursor): Branch {
  const index = cursor.integer()
  const branch = branches[index]
  if (branch === undefined) throw cursor.damagedError(`a union has no branch ${index}`)
  return branch
}

function mismatchError(label: string, expected: string, type: AvroType): AppError {
  return new AppError('file-damaged', `The ${label} cannot be read: expected ${expected} but found ${type.kind}`)
}
