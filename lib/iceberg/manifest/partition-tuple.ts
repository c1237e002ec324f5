import { AppError } from '@/lib/errors'
import { parsePrimitive } from '../schema/primitive'
import { type PartitionColumn, partitionColumns, type PartitionSpec } from '../partitioning/partition-spec'
import { indexFields } from '../schema/schema'
import { compareValues, decodeSingleValue, encodeSingleValue } from '../schema/single-value'
import type { TableMetadata } from '../metadata/table-metadata'
import type { FieldSummary } from './manifest'
import type { PrimitiveType, Schema, Value } from '../schema/types'
import type { AvroType } from '../avro/avro-type'
import type { ByteCursor } from '../avro/byte-cursor'
import { nullableReader, type Reader, recordReader, type ProjectedField } from '../avro/read-value'
import type { AvroValue } from '../avro/write-value'

/**
 * The partition values of a file as Avro in a manifest, and their summary in a manifest list.
 *
 * Spec: Iceberg table spec, *Partitioning*, *Manifest Lists* and appendix A, *Avro*.
 */

/**
 * The schema to read a spec's values with: the newest that still has their source columns. A value written before a
 * promotion is then read with the promoted type, and a value of a dropped column keeps its type.
 */
export function schemaForSpec(spec: PartitionSpec, schemas: readonly Schema[]): Schema | null {
  const newestFirst = schemas.toSorted((a, b) => b.schemaId - a.schemaId)
  const hasSources = (schema: Schema) => {
    const fields = indexFields(schema)
    return spec.fields.every(({ sourceId }) => fields.has(sourceId))
  }
  return newestFirst.find(hasSources) ?? newestFirst[0] ?? null
}

/** The columns of each spec of a table, by its id, with the schema of {@link schemaForSpec}. */
export function partitionColumnsBySpec({
  partitionSpecs,
  schemas,
}: Pick<TableMetadata, 'partitionSpecs' | 'schemas'>): Map<number, PartitionColumn[]> {
  return new Map(
    partitionSpecs.map((spec) => {
      const schema = schemaForSpec(spec, schemas)
      return [spec.specId, schema === null ? [] : partitionColumns(spec, schema)]
    }),
  )
}

/** Values in the order of the columns; null if the writer has no such field. */
export function tupleReader(
  type: AvroType,
  columns: readonly PartitionColumn[],
  label: string,
): Reader<(Value | null)[]> {
  const projected = columns.map(
    (column, index): ProjectedField<(Value | null)[]> => ({
      fieldId: column.fieldId,
      names: [column.name, avroName(column.name)],
      required: false,
      buildReader: (type, label) => {
        const expected = column.transform.kind === 'unknown' ? 'unknown' : column.type
        const read = nullableReader(type, label, expected, (branch) => valueReader(branch, expected))
        return (cursor, tuple) => {
          tuple[index] = read(cursor)
        }
      },
    }),
  )
  const read = recordReader(type, projected, label)
  return (cursor) => {
    const tuple = new Array<Value | null>(columns.length).fill(null)
    read(cursor, tuple)
    return tuple
  }
}

/**
 * Reads a value as its column's type, whichever Avro type it was written with before a promotion. A value of type
 * `unknown` is read as the type that the writer used.
 */
function valueReader(type: AvroType, expected: PrimitiveType): Reader<Value> | null {
  const { kind } = parsePrimitive(expected)
  const isUnknown = kind === 'unknown'
  const isOneOf = (...kinds: (typeof kind)[]): boolean => isUnknown || kinds.includes(kind)
  switch (type.kind) {
    case 'boolean':
      return isOneOf('boolean') ? (cursor) => cursor.boolean() : null
    case 'int':
      if (kind === 'long') return (cursor) => cursor.long()
      return isOneOf('int', 'date') ? (cursor) => cursor.integer() : null
    case 'long':
      if (kind === 'int' || kind === 'date') return (cursor) => cursor.integer()
      return isOneOf('long', 'time', 'timestamp', 'timestamptz', 'timestamp_ns', 'timestamptz_ns')
        ? (cursor) => cursor.long()
        : null
    case 'float':
      return isOneOf('float', 'double') ? (cursor) => cursor.float() : null
    case 'double':
      return isOneOf('float', 'double') ? (cursor) => cursor.double() : null
    case 'string':
      if (kind === 'uuid') return (cursor) => cursor.text().toLowerCase()
      return isOneOf('string') ? (cursor) => cursor.text() : null
    case 'bytes':
    case 'fixed': {
      const bytes = bytesReader(type)
      if (kind === 'decimal') return (cursor) => decodeSingleValue(expected, bytes(cursor))
      if (isUnknown && type.logicalType === 'decimal')
        return (cursor) => decodeSingleValue('decimal(38, 0)', bytes(cursor))
      if (kind === 'uuid' || (isUnknown && type.logicalType === 'uuid'))
        return (cursor) => decodeSingleValue('uuid', bytes(cursor))
      return isOneOf('fixed', 'binary') ? (cursor) => bytes(cursor).slice() : null
    }
    case 'null':
    case 'enum':
    case 'array':
    case 'map':
    case 'union':
    case 'record':
      return null
  }
}

function bytesReader(type: AvroType & { kind: 'bytes' | 'fixed' }): (cursor: ByteCursor) => Uint8Array {
  return type.kind === 'bytes' ? (cursor) => cursor.binary() : (cursor) => cursor.fixed(type.sizeBytes)
}

/**
 * The Avro record of a partition tuple, as JSON.
 *
 * @throws {AppError} not-supported for a column whose values have no Avro type
 */
export function tupleSchema(columns: readonly PartitionColumn[]): object {
  const definedNames = new Set<string>()
  return {
    type: 'record',
    name: 'r102',
    fields: columns.map((column) => {
      const name = avroName(column.name)
      return {
        name,
        type: ['null', avroPrimitive(column, definedNames)],
        default: null,
        'field-id': column.fieldId,
        ...(name !== column.name && { 'iceberg-field-name': column.name }),
      }
    }),
  }
}

/** @throws {TypeError} when a tuple does not have one value per column */
export function tupleToAvro(columns: readonly PartitionColumn[], tuple: readonly (Value | null)[]): AvroValue {
  if (tuple.length !== columns.length)
    throw new TypeError(`a partition tuple of ${tuple.length} values for ${columns.length} columns`)
  return Object.fromEntries(
    columns.map((column, index) => [avroName(column.name), toAvro(column.type, tuple[index] ?? null)]),
  )
}

function toAvro(type: PrimitiveType, value: Value | null): AvroValue {
  if (value === null) return null
  const primitive = parsePrimitive(type)
  if (primitive.kind === 'uuid') return encodeSingleValue(type, value)
  if (primitive.kind !== 'decimal') return value
  const shortest = encodeSingleValue(type, value)
  const bytes = new Uint8Array(decimalSizeBytes(primitive.precision)).fill((shortest[0] ?? 0) < 0x80 ? 0 : 0xff)
  bytes.set(shortest, bytes.length - shortest.length)
  return bytes
}

/** Summarizes each partition column over the files of a manifest, as in a manifest list. */
export function summarizeTuples(
  columns: readonly PartitionColumn[],
  tuples: readonly (readonly (Value | null)[])[],
): FieldSummary[] {
  return columns.map((column, index) => {
    const { type } = column
    let containsNull = false
    let containsNan = false
    let lower: Value | null = null
    let upper: Value | null = null
    for (const tuple of tuples) {
      const value = tuple[index] ?? null
      if (value === null) containsNull = true
      else if (Number.isNaN(value)) containsNan = true
      else {
        if (lower === null || compareValues(type, value, lower) < 0) lower = value
        if (upper === null || compareValues(type, value, upper) > 0) upper = value
      }
    }
    return {
      containsNull,
      containsNan,
      lowerBound: lower === null ? null : encodeSingleValue(type, lower),
      upperBound: upper === null ? null : encodeSingleValue(type, upper),
    }
  })
}

/**
 * An Avro schema may define a name only once. A second column of the same fixed type gets its own name, because
 * PyIceberg does not resolve a type that is only referred to by name.
 */
function avroPrimitive({ type, fieldId }: PartitionColumn, definedNames: Set<string>): object | string {
  const primitive = parsePrimitive(type)
  switch (primitive.kind) {
    case 'boolean':
    case 'int':
    case 'long':
    case 'float':
    case 'double':
    case 'string':
      return primitive.kind
    case 'binary':
      return 'bytes'
    case 'date':
      return { type: 'int', logicalType: 'date' }
    case 'time':
      return { type: 'long', logicalType: 'time-micros' }
    case 'timestamp':
    case 'timestamptz':
      return { type: 'long', logicalType: 'timestamp-micros', 'adjust-to-utc': primitive.kind === 'timestamptz' }
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return { type: 'long', logicalType: 'timestamp-nanos', 'adjust-to-utc': primitive.kind === 'timestamptz_ns' }
    case 'uuid':
      return defineFixed('uuid_fixed', { size: 16, logicalType: 'uuid' })
    case 'fixed':
      return defineFixed(`fixed_${primitive.lengthBytes}`, { size: primitive.lengthBytes })
    case 'decimal': {
      const { precision, scale } = primitive
      const size = decimalSizeBytes(precision)
      return defineFixed(`decimal_${precision}_${scale}`, { size, logicalType: 'decimal', precision, scale })
    }
    case 'unknown':
    case 'variant':
    case 'geometry':
    case 'geography':
    case 'unrecognized':
      throw new AppError('not-supported', `A partition value of type ${type} cannot be written`, { facts: { type } })
  }

  function defineFixed(name: string, rest: object): object {
    const uniqueName = definedNames.has(name) ? `${name}_${fieldId}` : name
    definedNames.add(uniqueName)
    return { type: 'fixed', name: uniqueName, ...rest }
  }
}

/** The minimum number of bytes for every unscaled value of the precision in two's complement. */
function decimalSizeBytes(precision: number): number {
  const maxUnscaled = 10n ** BigInt(precision) - 1n
  let bytes = 1
  while (maxUnscaled >= 1n << BigInt(bytes * 8 - 1)) bytes += 1
  return bytes
}

/**
 * Like Java's `AvroSchemaUtil.makeCompatibleName`: a character that Avro names cannot contain becomes `_x` and its code
 * in hex.
 */
function avroName(name: string): string {
  const replaced = Array.from(name, (character) => {
    if (/[A-Za-z0-9_]/.test(character)) return character
    return Array.from(
      { length: character.length },
      (_, unit) => `_x${character.charCodeAt(unit).toString(16).toUpperCase()}`,
    ).join('')
  }).join('')
  return /^[0-9]/.test(replaced) ? `_${replaced}` : replaced
}
