import { ONLY_NULLS } from '@/lib/changes/declaration/declared-columns'
import type { ColumnDeclaration, TypeDeclaration } from '@/lib/changes/declaration/table-declaration'
import type { AvroField, AvroRecord, AvroType } from '@/lib/iceberg/avro/avro-type'
import { UnloadableField } from '../value-reader'
import { type DeclaredFile, decimalType, declareFile, fixedType, requireStruct } from './declared-file'

type Doubts = Map<string, string>

/**
 * The columns of an Avro file: for each type the one of Iceberg that holds all of its values.
 *
 * Avro 1.12 specification, *Logical Types*; Iceberg table spec, appendix A, *Avro*.
 */
export function declareAvro({ fields }: AvroRecord): DeclaredFile {
  return declareFile(fields, declareColumn)
}

function declareColumn({ name, type }: AvroField, at: string, doubts: Doubts): ColumnDeclaration {
  const { declared, isRequired } = declareType(type, at, doubts)
  return { name, type: declared, ...(isRequired && { required: true }) }
}

type DeclaredType = { declared: TypeDeclaration; isRequired: boolean }

function declareType(type: AvroType, at: string, doubts: Doubts): DeclaredType {
  if (type.kind === 'union') return declareUnion(type.branches, at, doubts)
  return { declared: branchType(type, at, doubts), isRequired: type.kind !== 'null' }
}

function declareUnion(branches: readonly AvroType[], at: string, doubts: Doubts): DeclaredType {
  const types = branches.filter(({ kind }) => kind !== 'null')
  const [only, another] = types
  if (another !== undefined)
    throw new UnloadableField(at, `is a union of ${types.map((branch) => branch.kind).join(', ')}`)
  if (only === undefined) return declareType({ kind: 'null' }, at, doubts)
  const { declared, isRequired } = declareType(only, at, doubts)
  return { declared, isRequired: isRequired && types.length === branches.length }
}

function branchType(type: Exclude<AvroType, { kind: 'union' }>, at: string, doubts: Doubts): TypeDeclaration {
  switch (type.kind) {
    case 'null':
      doubts.set(at, ONLY_NULLS)
      return 'string'
    case 'boolean':
    case 'float':
    case 'double':
      return type.kind
    case 'string':
      return type.logicalType === 'uuid' ? 'uuid' : 'string'
    case 'enum':
      return 'string'
    case 'int':
      if (type.logicalType === 'date') return 'date'
      return type.logicalType === 'time-millis' ? 'time' : 'int'
    case 'long':
      return longType(type)
    case 'bytes':
    case 'fixed':
      return bytesType(type, at, doubts)
    case 'record':
      requireStruct(
        type.fields.map(({ name }) => name),
        at,
      )
      return { struct: type.fields.map((field) => declareColumn(field, `${at}.${field.name}`, doubts)) }
    case 'map':
      return mapType('string', declareType(type.values, `${at}.value`, doubts))
    case 'array': {
      const [key, value] = entryFields(type) ?? []
      if (key && value) return entriesType(key, value, at, doubts)
      const { declared, isRequired } = declareType(type.items, `${at}.element`, doubts)
      return { list: declared, ...(isRequired && { required: true }) }
    }
  }
}

/** In Avro a timestamp is an instant. Iceberg's writers say with `adjust-to-utc` when it is not. */
function longType({ logicalType = '', isUtc }: Extract<AvroType, { kind: 'int' | 'long' }>): TypeDeclaration {
  if (logicalType === 'time-micros') return 'time'
  const [, local, unit] = /^(local-)?timestamp-(millis|micros|nanos)$/.exec(logicalType) ?? []
  if (unit === undefined) return 'long'
  const isInstant = local === undefined && isUtc !== false
  return `timestamp${isInstant ? 'tz' : ''}${unit === 'nanos' ? '_ns' : ''}`
}

function bytesType(type: Extract<AvroType, { kind: 'bytes' | 'fixed' }>, at: string, doubts: Doubts): TypeDeclaration {
  const { logicalType, precision, scale = 0 } = type
  if (logicalType === 'big-decimal')
    throw new UnloadableField(at, 'is a big-decimal, which has a scale of its own in every row')
  if (logicalType === 'decimal') {
    if (precision !== undefined) return decimalType(precision, scale, at)
    doubts.set(at, 'a decimal without a precision')
    return decimalType(38, scale, at)
  }
  if (type.kind === 'bytes') return 'binary'
  if (logicalType === 'duration') throw new UnloadableField(at, 'is a duration, which no type of Iceberg holds')
  if (logicalType === 'uuid' && type.sizeBytes === 16) return 'uuid'
  return fixedType(type.sizeBytes, at, doubts)
}

/** A map with keys of any type, written as an array of records; null for any other array. */
function entryFields({ items, logicalType }: Extract<AvroType, { kind: 'array' }>): readonly AvroField[] | null {
  return logicalType === 'map' && items.kind === 'record' && items.fields.length === 2 ? items.fields : null
}

function entriesType(key: AvroField, value: AvroField, at: string, doubts: Doubts): TypeDeclaration {
  const keyType = declareType(key.type, `${at}.key`, doubts).declared
  if (typeof keyType !== 'string') throw new UnloadableField(at, 'is a map whose keys are not texts, numbers or times')
  return mapType(keyType, declareType(value.type, `${at}.value`, doubts))
}

function mapType(key: TypeDeclaration, { declared, isRequired }: DeclaredType): TypeDeclaration {
  return { map: { key, value: declared }, ...(isRequired && { required: true }) }
}
