import { type AvroField, type AvroRecord, type AvroType, minSizeBytes } from '@/lib/iceberg/avro/avro-type'
import type { ByteCursor } from '@/lib/iceberg/avro/byte-cursor'
import { chooseBranch, skipper } from '@/lib/iceberg/avro/read-value'
import type { JsonToken } from './json-tokens'
import { mapKey, type RecordReading, UnloadableField } from './value-reader'
import {
  booleanToken,
  bytesToken,
  dateToken,
  decimalToken,
  doubleToken,
  floatToken,
  integerToken,
  NULL_TOKEN,
  stringToken,
  timestampToken,
  timeToken,
  type UnitsPerSecond,
  uuidToken,
} from './value-tokens'

/**
 * Converts values of Avro to the tokens of a JSON file. A logical type that Avro defines decides the form of a value;
 * other logical types are ignored, as the specification demands.
 *
 * Avro 1.12 specification, *Complex Types* and *Logical Types*; maps with other keys than texts as in the Iceberg spec,
 * appendix A, *Avro*.
 */
export type AvroValueReader = (cursor: ByteCursor, reading: RecordReading) => JsonToken

/** Iceberg's decimals have at most 38 digits, in 16 bytes. The limit leaves room for values that columns then reject. */
const MAX_DECIMAL_BYTES = 256
const MAX_DECIMAL_SCALE = 400
const UUID_BYTES = 16

/**
 * @param ignoredFields fields of the record that are null if their values have no form in JSON
 * @throws {UnloadableField}
 */
export function createAvroRowReader(
  { fields }: AvroRecord,
  { ignoredFields, label }: { ignoredFields: ReadonlySet<string>; label: string },
): AvroValueReader {
  return createRecordReader(fields, '', (field) => {
    try {
      return createReader(field.type, field.name)
    } catch (error) {
      if (!(error instanceof UnloadableField) || !ignoredFields.has(field.name)) throw error
      const skip = skipper(field.type, label)
      return (cursor) => {
        skip(cursor)
        return NULL_TOKEN
      }
    }
  })
}

function createRecordReader(
  fields: readonly AvroField[],
  at: string,
  createFieldReader: (field: AvroField) => AvroValueReader,
): AvroValueReader {
  const names = fields.map(({ name }) => name)
  const repeated = names.find((name, i) => names.indexOf(name) !== i)
  if (repeated !== undefined) throw new UnloadableField(at, `is a record with the field ${repeated} twice`)
  const readers = fields.map((field) => ({ name: field.name, read: createFieldReader(field) }))
  const nameBytes = fields.reduce((total, { name }) => total + name.length, 0)
  return (cursor, reading) => {
    reading.size.add(nameBytes)
    const members = new Map<string, JsonToken>()
    for (const { name, read } of readers) members.set(name, read(cursor, reading))
    return { kind: 'object', members }
  }
}

/** @param at the path of the field, for error messages */
function createReader(type: AvroType, at: string): AvroValueReader {
  switch (type.kind) {
    case 'record':
      return createRecordReader(type.fields, at, (field) => createReader(field.type, `${at}.${field.name}`))
    case 'array':
      return createArrayReader(type, at)
    case 'map':
      return createMapReader(type.values, at)
    case 'union':
      return createUnionReader(type.branches, at)
    default: {
      const read = createPrimitiveReader(type, at)
      return (cursor, reading) => {
        const start = cursor.position
        const token = read(cursor)
        reading.size.add(cursor.position - start)
        return token
      }
    }
  }
}

type PrimitiveAvroType = Exclude<AvroType, { kind: 'record' | 'array' | 'map' | 'union' }>

function createPrimitiveReader(type: PrimitiveAvroType, at: string): (cursor: ByteCursor) => JsonToken {
  switch (type.kind) {
    case 'null':
      return () => NULL_TOKEN
    case 'boolean':
      return (cursor) => booleanToken(cursor.boolean())
    case 'int':
      return createIntReader(type.logicalType)
    case 'long':
      return createLongReader(type)
    case 'float':
      return (cursor) => floatToken(cursor.float())
    case 'double':
      return (cursor) => doubleToken(cursor.double())
    case 'string':
      return (cursor) => stringToken(cursor.text())
    case 'enum':
      return createEnumReader(type.symbols)
    case 'bytes':
      return createBytesReader(type, (cursor) => cursor.binary(), at)
    case 'fixed': {
      const { sizeBytes, logicalType } = type
      if (logicalType === 'duration') throw new UnloadableField(at, 'is a duration, which no type of Iceberg holds')
      if (logicalType === 'uuid' && sizeBytes === UUID_BYTES) return (cursor) => uuidToken(cursor.fixed(UUID_BYTES))
      return createBytesReader(type, (cursor) => cursor.fixed(sizeBytes), at)
    }
  }
}

function createIntReader(logicalType: string | undefined): (cursor: ByteCursor) => JsonToken {
  if (logicalType === 'date') return (cursor) => dateToken(cursor.integer())
  if (logicalType === 'time-millis') return (cursor) => timeToken(cursor.long(), 1_000n)
  return (cursor) => integerToken(cursor.id())
}

const TIME_UNITS: Readonly<Record<string, UnitsPerSecond>> = {
  millis: 1_000n,
  micros: 1_000_000n,
  nanos: 1_000_000_000n,
}

function createLongReader({
  logicalType = '',
  isUtc,
}: Extract<AvroType, { kind: 'int' | 'long' }>): (cursor: ByteCursor) => JsonToken {
  if (logicalType === 'time-micros') return (cursor) => timeToken(cursor.long(), 1_000_000n)
  const [, local, unit = ''] = /^(local-)?timestamp-(millis|micros|nanos)$/.exec(logicalType) ?? []
  const unitsPerSecond = TIME_UNITS[unit]
  if (unitsPerSecond === undefined) return (cursor) => integerToken(cursor.id())
  // In Avro a timestamp is an instant. Iceberg's writers say with `adjust-to-utc` when it is not.
  const isInstant = local === undefined && isUtc !== false
  return (cursor) => timestampToken(cursor.long(), unitsPerSecond, isInstant)
}

function createEnumReader(symbols: readonly string[]): (cursor: ByteCursor) => JsonToken {
  const tokens = symbols.map(stringToken)
  return (cursor) => {
    const index = cursor.count()
    const token = tokens[index]
    if (token === undefined) throw cursor.damagedError(`an enum has no symbol ${index}`)
    return token
  }
}

function createBytesReader(
  { logicalType, scale = 0 }: Extract<AvroType, { kind: 'bytes' | 'fixed' }>,
  read: (cursor: ByteCursor) => Uint8Array,
  at: string,
): (cursor: ByteCursor) => JsonToken {
  if (logicalType === 'big-decimal')
    throw new UnloadableField(at, 'is a big-decimal, which has a scale of its own in every row')
  if (logicalType !== 'decimal') return (cursor) => bytesToken(read(cursor))
  if (!Number.isInteger(scale) || scale < 0 || scale > MAX_DECIMAL_SCALE)
    throw new UnloadableField(at, `is a decimal with the scale ${scale}`)
  return (cursor) => {
    const bytes = read(cursor)
    if (bytes.length > MAX_DECIMAL_BYTES) throw cursor.damagedError(`a decimal has ${bytes.length} bytes`)
    return decimalToken(toInteger(bytes), scale)
  }
}

/** Big-endian two's complement. No bytes are zero, as for readers in Java. */
function toInteger(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return BigInt.asIntN(bytes.length * 8, value)
}

function createArrayReader({ items, logicalType }: Extract<AvroType, { kind: 'array' }>, at: string): AvroValueReader {
  const [key, value] = items.kind === 'record' ? items.fields : []
  if (logicalType === 'map' && items.kind === 'record' && items.fields.length === 2 && key && value)
    return createEntriesReader([key, value], at)
  const readItem = createReader(items, `${at}.element`)
  const minItemBytes = minSizeBytes(items)
  return (cursor, reading) => {
    reading.size.add(0)
    const tokens: JsonToken[] = []
    forEachItem(cursor, minItemBytes, () => tokens.push(readItem(cursor, reading)))
    return { kind: 'array', items: tokens }
  }
}

function createMapReader(values: AvroType, at: string): AvroValueReader {
  const readValue = createReader(values, `${at}.value`)
  const minEntryBytes = 1 + minSizeBytes(values)
  return (cursor, reading) => {
    reading.size.add(0)
    const members = new Map<string, JsonToken>()
    forEachItem(cursor, minEntryBytes, () => {
      const key = cursor.text()
      reading.size.add(key.length)
      addEntry(members, key, readValue(cursor, reading), at, reading)
    })
    return { kind: 'object', members }
  }
}

/** A map with keys of any type, written as an array of records. */
function createEntriesReader([key, value]: readonly [AvroField, AvroField], at: string): AvroValueReader {
  const keyForm = formOf(key.type)
  if (keyForm === 'array' || keyForm === 'object')
    throw new UnloadableField(at, 'is a map whose keys are not texts, numbers or times')
  const readKey = createReader(key.type, `${at}.key`)
  const readValue = createReader(value.type, `${at}.value`)
  const minEntryBytes = minSizeBytes(key.type) + minSizeBytes(value.type)
  return (cursor, reading) => {
    reading.size.add(0)
    const members = new Map<string, JsonToken>()
    forEachItem(cursor, minEntryBytes, () => {
      const text = mapKey(readKey(cursor, reading))
      const entry = readValue(cursor, reading)
      if (text === null) reading.problem ??= `has a map without a key, in ${at}`
      else addEntry(members, text, entry, at, reading)
    })
    return { kind: 'object', members }
  }
}

function addEntry(
  members: Map<string, JsonToken>,
  key: string,
  value: JsonToken,
  at: string,
  reading: RecordReading,
): void {
  if (members.has(key))
    reading.problem ??= `has a map with the key ${JSON.stringify(key.slice(0, 100))} twice, in ${at}`
  members.set(key, value)
}

/** Items come in blocks; a negative count is followed by the size of its block. */
function forEachItem(cursor: ByteCursor, minItemBytes: number, readItem: () => void): void {
  for (let count = cursor.integer(); count !== 0; count = cursor.integer()) {
    if (count < 0) cursor.skipLong()
    const itemCount = Math.abs(count)
    if (itemCount * minItemBytes > cursor.remainingBytes)
      throw cursor.damagedError(`a list of ${itemCount} values does not fit in the remaining bytes`)
    for (let i = 0; i < itemCount; i += 1) readItem()
  }
}

/** The branches stay apart in JSON if no two of them have the same form, or if their values mean the same in it. */
function createUnionReader(branches: readonly AvroType[], at: string): AvroValueReader {
  const forms = branches.filter(({ kind }) => kind !== 'null').map(formOf)
  const repeated = forms.find((form, i) => forms.indexOf(form) !== i && form !== 'number' && form !== 'text')
  const isAmbiguous = repeated !== undefined || (forms.includes('text') && forms.includes('special text'))
  if (isAmbiguous) {
    const kinds = branches.map((branch) => kindLabel(branch)).join(', ')
    throw new UnloadableField(at, `is a union of several types (${kinds}), whose values would look alike`)
  }
  const readers = branches.map((branch) => createReader(branch, at))
  return (cursor, reading) => chooseBranch(readers, cursor)(cursor, reading)
}

type JsonForm = 'null' | 'boolean' | 'number' | 'text' | 'special text' | 'array' | 'object' | 'union'

/** `special text`: values that have the form of a text only in JSON. */
function formOf(type: AvroType): JsonForm {
  switch (type.kind) {
    case 'null':
    case 'boolean':
    case 'union':
      return type.kind
    case 'float':
    case 'double':
      return 'number'
    case 'int':
    case 'long':
      return /^(date|time-|(local-)?timestamp-)/.test(type.logicalType ?? '') ? 'special text' : 'number'
    case 'string':
    case 'enum':
      return 'text'
    case 'bytes':
    case 'fixed':
      return type.logicalType === 'decimal' ? 'number' : 'special text'
    case 'array':
      return type.logicalType === 'map' ? 'object' : 'array'
    case 'map':
    case 'record':
      return 'object'
  }
}

function kindLabel(type: AvroType): string {
  return ('logicalType' in type && type.logicalType) || type.kind
}
