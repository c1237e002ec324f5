import type { SchemaNode } from '../schema-node'

/**
 * The order of a column's values, by which `min` and `max` are meant.
 *
 * Spec: parquet-format, `parquet.thrift`, *ColumnOrder*: *TypeDefinedOrder*.
 */
export type ValueOrder =
  | { kind: 'booleans' | 'floats' }
  | { kind: 'int32' | 'int64'; isSigned: boolean }
  | { kind: 'bytes'; isText: boolean }
  /** Two's complement, most significant byte first. */
  | { kind: 'decimals' }

/** Null if the type defines no order (INT96, intervals, geometries), or one that we do not write (half floats). */
export function orderOf({ leaf, annotation }: SchemaNode): ValueOrder | null {
  const isSigned = annotation?.kind !== 'integer' || annotation.isSigned
  switch (leaf?.physicalType) {
    case 'BOOLEAN':
      return { kind: 'booleans' }
    case 'INT32':
      return { kind: 'int32', isSigned }
    case 'INT64':
      return { kind: 'int64', isSigned }
    case 'FLOAT':
    case 'DOUBLE':
      return { kind: 'floats' }
    case 'BYTE_ARRAY':
    case 'FIXED_LEN_BYTE_ARRAY':
      return bytesOrder(annotation?.kind)
    default:
      return null
  }
}

function bytesOrder(kind: NonNullable<SchemaNode['annotation']>['kind'] | undefined): ValueOrder | null {
  switch (kind) {
    case 'decimal':
      return { kind: 'decimals' }
    case 'interval':
    case 'float16':
    case 'geometry':
    case 'geography':
    case 'variant':
    case 'null':
      return null
    default:
      return { kind: 'bytes', isText: kind === 'string' || kind === 'enum' || kind === 'json' }
  }
}

/**
 * Compares two values in the PLAIN encoding, without a length. NaN is not comparable.
 *
 * @returns below zero if `a` is lower, above zero if it is higher
 */
export function compareValues(order: ValueOrder, a: Uint8Array, b: Uint8Array): number {
  switch (order.kind) {
    case 'booleans':
      return (a[0] ?? 0) - (b[0] ?? 0)
    case 'floats':
      return Math.sign(readFloat(a) - readFloat(b)) || 0
    case 'int32':
    case 'int64':
      return compareIntegers(a, b, order.isSigned)
    case 'bytes':
      return compareBytes(a, 0, a.length, b, 0, b.length)
    case 'decimals':
      return compareDecimals(a, 0, a.length, b, 0, b.length)
  }
}

function compareIntegers(a: Uint8Array, b: Uint8Array, isSigned: boolean): number {
  const highest = a.length - 1
  const flip = isSigned ? 0x80 : 0
  const first = ((a[highest] ?? 0) ^ flip) - ((b[highest] ?? 0) ^ flip)
  if (first !== 0) return first
  for (let i = highest - 1; i >= 0; i--) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** A float or a double. */
export function readFloat(plain: Uint8Array): number {
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength)
  return plain.length === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true)
}

/** Unsigned, byte by byte; a prefix is lower. */
export function compareBytes(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const shared = Math.min(aEnd - aStart, bEnd - bStart)
  for (let i = 0; i < shared; i++) {
    const difference = (a[aStart + i] ?? 0) - (b[bStart + i] ?? 0)
    if (difference !== 0) return difference
  }
  return aEnd - aStart - (bEnd - bStart)
}

/** Numbers may have different lengths, as if the shorter one began with more bytes of its sign. */
export function compareDecimals(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const aSign = (a[aStart] ?? 0) & 0x80 && aEnd > aStart ? 0xff : 0
  const bSign = (b[bStart] ?? 0) & 0x80 && bEnd > bStart ? 0xff : 0
  if (aSign !== bSign) return bSign - aSign
  const length = Math.max(aEnd - aStart, bEnd - bStart)
  for (let i = length; i > 0; i--) {
    const aByte = aEnd - i < aStart ? aSign : (a[aEnd - i] ?? 0)
    const bByte = bEnd - i < bStart ? bSign : (b[bEnd - i] ?? 0)
    if (aByte !== bByte) return aByte - bByte
  }
  return 0
}
