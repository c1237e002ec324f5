import type { AvroType } from '@/lib/iceberg/avro/avro-type'
import type { ByteCursor } from '@/lib/iceberg/avro/byte-cursor'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import type { TimeUnit } from '@/lib/parquet/schema-node'
import type { ReserveMemory } from '@/lib/parquet/values'
import type { Vector } from '../vector'
import { type ColumnPath, UnreadableAvroColumn } from './avro-errors'
import { type ColumnBuilder, createBytesBuilder, createFixedWidthBuilder, type WriteValue } from './growing-columns'

type PrimitiveContext = ColumnPath & {
  reserveMemory: ReserveMemory
  expectedCount: number
}

/**
 * Collects stored values of an Avro type as values of the table's type, exactly: values that the type cannot represent
 * are refused, never rounded.
 *
 * Spec: Iceberg table spec, appendix A, *Avro*, and *Schema Evolution* for the promotions.
 *
 * @throws {UnreadableAvroColumn} if the column holds no values of the type, and for types that are not read; the builder
 *   throws it, too, and {AppError} file-damaged
 */
export function createPrimitiveBuilder(
  type: PrimitiveType,
  stored: AvroType,
  context: PrimitiveContext,
): ColumnBuilder {
  const primitive = parsePrimitive(type)
  const mismatch = () => mismatchError(type, stored, context)
  switch (primitive.kind) {
    case 'boolean':
      if (stored.kind !== 'boolean') throw mismatch()
      return createFixedWidthBuilder({ ...context, ...BOOLEAN })
    case 'int':
    case 'date':
      if (stored.kind !== 'int') throw mismatch()
      return createFixedWidthBuilder({ ...context, ...INT32 })
    case 'long':
      if (stored.kind !== 'int' && stored.kind !== 'long') throw mismatch()
      return createFixedWidthBuilder({ ...context, ...INT64 })
    case 'float':
      if (stored.kind !== 'float') throw mismatch()
      return createFixedWidthBuilder({ ...context, ...FLOAT32 })
    case 'double':
      if (stored.kind === 'float') return createFixedWidthBuilder({ ...context, ...FLOAT64, write: writeFloatAsDouble })
      if (stored.kind !== 'double') throw mismatch()
      return createFixedWidthBuilder({ ...context, ...FLOAT64 })
    case 'decimal': {
      if ((stored.kind !== 'fixed' && stored.kind !== 'bytes') || stored.logicalType !== 'decimal') throw mismatch()
      // Only the precision of a decimal may increase.
      if ((stored.scale ?? 0) !== primitive.scale) throw mismatch()
      return createFixedWidthBuilder({ ...context, ...INT128, write: decimalWriter(bytesReader(stored)) })
    }
    case 'time': {
      const unit = unitOf(stored, TIME_UNITS, 'micros')
      if (unit === null) throw mismatch()
      return createFixedWidthBuilder({ ...context, ...INT64, write: rescalingWriter(unit, 'micros', context) })
    }
    case 'timestamp':
    case 'timestamptz':
    case 'timestamp_ns':
    case 'timestamptz_ns': {
      const to = primitive.kind.endsWith('_ns') ? 'nanos' : 'micros'
      // A date may be promoted to a timestamp (format v3).
      if (stored.kind === 'int' && stored.logicalType === 'date')
        return createFixedWidthBuilder({
          ...context,
          ...INT64,
          write: scalingWriter(PER_DAY[to], 1n, context, 'dates'),
        })
      const unit = stored.kind === 'long' ? unitOf(stored, TIMESTAMP_UNITS, to) : null
      if (unit === null) throw mismatch()
      return createFixedWidthBuilder({ ...context, ...INT64, write: rescalingWriter(unit, to, context) })
    }
    case 'string':
      if (stored.kind === 'enum') return createBytesBuilder(symbolReader(stored.symbols), context)
      if (stored.kind !== 'string') throw mismatch()
      return createBytesBuilder((cursor) => cursor.binary(), context)
    case 'binary':
      if (stored.kind !== 'bytes' && stored.kind !== 'fixed') throw mismatch()
      return createBytesBuilder(bytesReader(stored), context)
    case 'uuid':
    case 'fixed': {
      const widthBytes = primitive.kind === 'fixed' ? primitive.lengthBytes : UUID_BYTES
      if (stored.kind !== 'fixed' || stored.sizeBytes !== widthBytes) throw mismatch()
      return createFixedWidthBuilder({
        ...context,
        widthBytes,
        write: (cursor, { buffer, byteOffset }, at) =>
          new Uint8Array(buffer, byteOffset + at, widthBytes).set(cursor.fixed(widthBytes)),
        toVector: (bytes, length, validity) => ({ kind: 'fixed', length, validity, widthBytes, bytes }),
      })
    }
    case 'unknown':
    case 'variant':
    case 'geometry':
    case 'geography':
    case 'unrecognized':
      throw new UnreadableAvroColumn(
        'not-supported',
        `has the type ${type}, which Lakeshore cannot read in Avro`,
        context,
      )
  }
}

const UUID_BYTES = 16

type Layout = {
  widthBytes: number
  write: WriteValue
  toVector: (bytes: Uint8Array<ArrayBuffer>, length: number, validity: Uint8Array | null) => Vector
}

const BOOLEAN: Layout = {
  widthBytes: 1,
  write: (cursor, target, at) => target.setUint8(at, cursor.boolean() ? 1 : 0),
  toVector: (data, length, validity) => ({ kind: 'boolean', length, validity, data }),
}

const INT32: Layout = {
  widthBytes: 4,
  write(cursor, target, at) {
    const value = cursor.integer()
    if (value !== (value | 0)) throw cursor.damagedError(`an int is beyond 32 bits at byte ${cursor.position}`)
    target.setInt32(at, value, true)
  },
  toVector: ({ buffer }, length, validity) => {
    return { kind: 'int32', length, validity, data: new Int32Array(buffer, 0, length) }
  },
}

const INT64: Layout = {
  widthBytes: 8,
  write: (cursor, target, at) => cursor.longInto(target, at),
  toVector: ({ buffer }, length, validity) => {
    return { kind: 'int64', length, validity, data: new BigInt64Array(buffer, 0, length) }
  },
}

const FLOAT32: Layout = {
  widthBytes: 4,
  write: (cursor, target, at) => target.setFloat32(at, cursor.float(), true),
  toVector: ({ buffer }, length, validity) => {
    return { kind: 'float32', length, validity, data: new Float32Array(buffer, 0, length) }
  },
}

const FLOAT64: Layout = {
  widthBytes: 8,
  write: (cursor, target, at) => target.setFloat64(at, cursor.double(), true),
  toVector: ({ buffer }, length, validity) => {
    return { kind: 'float64', length, validity, data: new Float64Array(buffer, 0, length) }
  },
}

const writeFloatAsDouble: WriteValue = (cursor, target, at) => target.setFloat64(at, cursor.float(), true)

const INT128: Omit<Layout, 'write'> = {
  widthBytes: 16,
  toVector: ({ buffer }, length, validity) => {
    return { kind: 'int128', length, validity, data: new BigInt64Array(buffer, 0, 2 * length) }
  },
}

/** From big-endian two's complement of any length to sixteen little-endian bytes. */
function decimalWriter(read: (cursor: ByteCursor) => Uint8Array): WriteValue {
  return (cursor, target, at) => {
    const bytes = read(cursor)
    if (bytes.length === 0) throw cursor.damagedError(`a decimal has no bytes at byte ${cursor.position}`)
    const sign = (bytes[0] ?? 0) >= 0x80 ? 0xff : 0
    const extra = Math.max(0, bytes.length - 16)
    const isTooLong = bytes.subarray(0, extra).some((byte) => byte !== sign)
    if (isTooLong || (extra > 0 && (bytes[extra] ?? 0) >> 7 !== sign >> 7))
      throw cursor.damagedError(`a decimal has more than 38 digits at byte ${cursor.position}`)
    for (let i = 0; i < 16; i++) target.setUint8(at + i, bytes[bytes.length - 1 - i] ?? sign)
  }
}

function bytesReader(stored: AvroType & { kind: 'bytes' | 'fixed' }): (cursor: ByteCursor) => Uint8Array {
  return stored.kind === 'bytes' ? (cursor) => cursor.binary() : (cursor) => cursor.fixed(stored.sizeBytes)
}

function symbolReader(symbols: readonly string[]): (cursor: ByteCursor) => Uint8Array {
  const encoded = symbols.map((symbol) => new TextEncoder().encode(symbol))
  return (cursor) => {
    const index = cursor.integer()
    const symbol = encoded[index]
    if (symbol === undefined) throw cursor.damagedError(`an enum has no symbol ${index}`)
    return symbol
  }
}

const TIME_UNITS: ReadonlyMap<string, TimeUnit> = new Map([
  ['time-millis', 'millis'],
  ['time-micros', 'micros'],
])

/** Iceberg distinguishes zones by `adjust-to-utc`, Avro since 1.10 by the word `local`; the stored number is the same. */
const TIMESTAMP_UNITS: ReadonlyMap<string, TimeUnit> = new Map([
  ['timestamp-millis', 'millis'],
  ['timestamp-micros', 'micros'],
  ['timestamp-nanos', 'nanos'],
  ['local-timestamp-millis', 'millis'],
  ['local-timestamp-micros', 'micros'],
  ['local-timestamp-nanos', 'nanos'],
])

/** The unit of a stored number; a long without a logical type has the table's. */
function unitOf(stored: AvroType, units: ReadonlyMap<string, TimeUnit>, unlabeled: TimeUnit): TimeUnit | null {
  if (stored.kind !== 'int' && stored.kind !== 'long') return null
  if (stored.logicalType === undefined) return stored.kind === 'long' ? unlabeled : null
  return units.get(stored.logicalType) ?? null
}

const PER_MILLI = { millis: 1n, micros: 1_000n, nanos: 1_000_000n } as const satisfies Record<TimeUnit, bigint>
const PER_DAY = { micros: 86_400_000_000n, nanos: 86_400_000_000_000n }

function rescalingWriter(from: TimeUnit, to: TimeUnit, context: PrimitiveContext): WriteValue {
  return from === to ? INT64.write : scalingWriter(PER_MILLI[to], PER_MILLI[from], context, from)
}

/** Values times `factor`, over `divisor`. A value that the result cannot represent is refused, never truncated. */
function scalingWriter(factor: bigint, divisor: bigint, context: PrimitiveContext, stored: string): WriteValue {
  return (cursor, target, at) => {
    const scaled = cursor.long() * factor
    const value = scaled / divisor
    if (scaled % divisor !== 0n || value !== BigInt.asIntN(64, value))
      throw new UnreadableAvroColumn('not-supported', `holds ${stored} that cannot be converted exactly`, context)
    target.setBigInt64(at, value, true)
  }
}

function mismatchError(type: PrimitiveType, stored: AvroType, context: PrimitiveContext): Error {
  const logicalType = 'logicalType' in stored && stored.logicalType ? ` (${stored.logicalType})` : ''
  const size = stored.kind === 'fixed' ? ` of ${stored.sizeBytes} bytes` : ''
  const detail = `holds ${stored.kind}${size}${logicalType}, which cannot be read as ${type}`
  return new UnreadableAvroColumn('not-supported', detail, context)
}
