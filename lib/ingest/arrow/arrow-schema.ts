import { UnloadableField } from '../value-reader'
import type { UnitsPerSecond } from '../value-tokens'
import type { FlatTable } from './flat-table'

/**
 * The schema of an Arrow file.
 *
 * Spec: Arrow Columnar Format, *Serialization and Interprocess Communication (IPC)*, and its *Schema.fbs*.
 */
export type ArrowType =
  | { kind: 'null' | 'boolean' | 'struct' | 'map' }
  | { kind: 'int'; bits: number; isSigned: boolean }
  | { kind: 'float'; bits: 16 | 32 | 64 }
  | { kind: 'decimal'; bits: number; precision: number; scale: number }
  | { kind: 'date'; isDays: boolean }
  | { kind: 'time'; bits: number; unitsPerSecond: UnitsPerSecond }
  | { kind: 'timestamp'; unitsPerSecond: UnitsPerSecond; isInstant: boolean }
  | { kind: 'text' | 'bytes'; layout: 'short' | 'long' | 'view' }
  | { kind: 'fixed'; sizeBytes: number; isUuid: boolean }
  | { kind: 'list'; layout: 'short' | 'long'; hasSizes: boolean }
  | { kind: 'fixed-list'; size: number }
  /** A type without a form in JSON. Its buffers are passed over. */
  | { kind: 'unloadable'; label: string; bufferCount: number }

export type ArrowField = {
  name: string
  isNullable: boolean
  type: ArrowType
  children: readonly ArrowField[]
  /** The values are in a dictionary with this id, and the column has indexes of this type. */
  dictionary: { id: bigint; indexType: ArrowType & { kind: 'int' } } | null
}

const MAX_DEPTH = 64
const MAX_FIELDS = 20_000
const MAX_DECIMAL_SCALE = 400
const UUID_BYTES = 16
const UNITS: readonly UnitsPerSecond[] = [1n, 1_000n, 1_000_000n, 1_000_000_000n]

/** @throws {RangeError} for a schema that is damaged, too deep or too wide */
export function parseArrowSchema(schema: FlatTable): ArrowField[] {
  let fieldCount = 0
  const parseFields = (tables: readonly FlatTable[], depth: number): ArrowField[] => {
    fieldCount += tables.length
    if (depth > MAX_DEPTH) throw new RangeError(`a schema of more than ${MAX_DEPTH} levels`)
    // Children may share their bytes, so a small schema can stand for a huge one.
    if (fieldCount > MAX_FIELDS) throw new RangeError(`a schema of more than ${MAX_FIELDS} fields`)
    return tables.map((field) => ({
      name: field.text(0) ?? '',
      isNullable: field.boolean(1),
      type: parseType(field),
      children: parseFields(field.tables(5), depth + 1),
      dictionary: parseDictionary(field.table(4)),
    }))
  }
  return parseFields(schema.tables(1), 1)
}

function parseDictionary(encoding: FlatTable | null): ArrowField['dictionary'] {
  if (encoding === null) return null
  const int = encoding.table(1)
  const indexType = { kind: 'int', bits: requireBits(int?.int(0) ?? 32), isSigned: int?.boolean(1) ?? true } as const
  return { id: encoding.long(0), indexType }
}

function parseType(field: FlatTable): ArrowType {
  const tag = field.byte(2)
  const type = field.table(3)
  if (type === null) throw new RangeError('a field without a type')
  switch (tag) {
    case 1:
      return { kind: 'null' }
    case 2:
      return { kind: 'int', bits: requireBits(type.int(0)), isSigned: type.boolean(1) }
    case 3:
      return { kind: 'float', bits: requireEntry([16, 32, 64], type.short(0)) }
    case 4:
      return { kind: 'bytes', layout: 'short' }
    case 5:
      return { kind: 'text', layout: 'short' }
    case 6:
      return { kind: 'boolean' }
    case 7: {
      const bits = type.int(2, 128)
      if (bits < 32 || bits > 256 || bits % 32 !== 0) throw new RangeError(`a decimal of ${bits} bits`)
      return { kind: 'decimal', bits, precision: type.int(0), scale: type.int(1) }
    }
    case 8:
      return { kind: 'date', isDays: type.short(0, 1) === 0 }
    case 9: {
      const bits = type.int(1, 32)
      if (bits !== 32 && bits !== 64) throw new RangeError(`a time of ${bits} bits`)
      return { kind: 'time', bits, unitsPerSecond: requireEntry(UNITS, type.short(0, 1)) }
    }
    case 10: {
      const isInstant = (type.text(1) ?? '') !== ''
      return { kind: 'timestamp', unitsPerSecond: requireEntry(UNITS, type.short(0)), isInstant }
    }
    case 11:
      return { kind: 'unloadable', label: 'an interval', bufferCount: 2 }
    case 12:
      return { kind: 'list', layout: 'short', hasSizes: false }
    case 13:
      return { kind: 'struct' }
    case 14:
      return { kind: 'unloadable', label: 'a union', bufferCount: type.short(0) === 0 ? 1 : 2 }
    case 15: {
      const sizeBytes = type.int(0)
      if (sizeBytes < 0) throw new RangeError(`values of ${sizeBytes} bytes`)
      return { kind: 'fixed', sizeBytes, isUuid: sizeBytes === UUID_BYTES && extensionOf(field) === 'arrow.uuid' }
    }
    case 16: {
      const size = type.int(0)
      if (size < 0) throw new RangeError(`lists of ${size} values`)
      return { kind: 'fixed-list', size }
    }
    case 17:
      return { kind: 'map' }
    case 18:
      return { kind: 'unloadable', label: 'a duration', bufferCount: 2 }
    case 19:
      return { kind: 'bytes', layout: 'long' }
    case 20:
      return { kind: 'text', layout: 'long' }
    case 21:
      return { kind: 'list', layout: 'long', hasSizes: false }
    case 22:
      return { kind: 'unloadable', label: 'run-end encoded', bufferCount: 0 }
    case 23:
      return { kind: 'bytes', layout: 'view' }
    case 24:
      return { kind: 'text', layout: 'view' }
    case 25:
      return { kind: 'list', layout: 'short', hasSizes: true }
    case 26:
      return { kind: 'list', layout: 'long', hasSizes: true }
    default:
      throw new RangeError(`a field of the unknown type ${tag}`)
  }
}

function extensionOf(field: FlatTable): string | null {
  const entry = field.tables(6).find((keyValue) => keyValue.text(0) === 'ARROW:extension:name')
  return entry?.text(1) ?? null
}

function requireBits(bits: number): number {
  return requireEntry([8, 16, 32, 64], Math.log2(bits) - 3)
}

function requireEntry<Entry>(entries: readonly Entry[], index: number): Entry {
  const entry = entries[index]
  if (entry === undefined) throw new RangeError(`the unknown value ${index} of a type`)
  return entry
}

/** @throws {UnloadableField} for a field whose values have no form in JSON */
export function requireLoadableField({ name, type, children }: ArrowField, at = name): void {
  if (type.kind === 'unloadable') throw new UnloadableField(at, `is ${type.label}, which has no form in JSON`)
  if (type.kind === 'decimal' && Math.abs(type.scale) > MAX_DECIMAL_SCALE)
    throw new UnloadableField(at, `is a decimal with the scale ${type.scale}`)
  if (type.kind === 'map') {
    const [key] = children[0]?.children ?? []
    if (key && ['struct', 'map', 'list', 'fixed-list'].includes(key.type.kind))
      throw new UnloadableField(at, 'is a map whose keys are not texts, numbers or times')
  }
  if (type.kind === 'struct') {
    const names = children.map((child) => child.name)
    const repeated = names.find((one, i) => names.indexOf(one) !== i)
    if (repeated !== undefined) throw new UnloadableField(at, `is a struct with the field ${repeated} twice`)
  }
  for (const child of children) requireLoadableField(child, `${at}.${child.name}`)
}
