import type { AvroRecord, AvroType } from '@/lib/iceberg/avro/avro-type'
import type { NestedField, PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import type { OpenAvroFile } from './avro-file'

/**
 * The columns of an Avro file as the file itself declares them, in the types of Iceberg that hold their values exactly.
 * A column without a field id is left out, because it cannot be matched.
 *
 * Spec: Iceberg table spec, appendix A, *Avro*.
 */
export function avroColumns({ schema }: Pick<OpenAvroFile, 'schema'>): NestedField[] {
  return schema.kind === 'record' ? fieldsOf(schema) : []
}

function fieldsOf({ fields }: AvroRecord): NestedField[] {
  return fields.flatMap(({ fieldId, name, type }) =>
    fieldId === null ? [] : [{ id: fieldId, name, required: !isOptional(type), type: toType(type) }],
  )
}

/** Ids of elements and entries are not in the parsed schema, and are not matched. */
const NO_ID = 0

function toType(avroType: AvroType): Type {
  const type = valueTypeOf(avroType)
  switch (type.kind) {
    case 'record':
      return { type: 'struct', fields: fieldsOf(type) }
    case 'map':
      return mapOf('string', type.values)
    case 'array': {
      const [key, value] = type.items.kind === 'record' ? type.items.fields : []
      if (type.logicalType === 'map' && key && value) return mapOf(toType(key.type), value.type)
      return { type: 'list', elementId: NO_ID, element: toType(type.items), elementRequired: !isOptional(type.items) }
    }
    default:
      return primitiveOf(type)
  }
}

function mapOf(key: Type, value: AvroType): Type {
  return { type: 'map', keyId: NO_ID, key, valueId: NO_ID, value: toType(value), valueRequired: !isOptional(value) }
}

/** The type of the values that are not null; of several, the reader refuses the column. */
function valueTypeOf(type: AvroType): AvroType {
  if (type.kind !== 'union') return type
  return type.branches.find(({ kind }) => kind !== 'null') ?? { kind: 'null' }
}

function isOptional(type: AvroType): boolean {
  return type.kind === 'null' || (type.kind === 'union' && type.branches.some(isOptional))
}

/** Avro does not bound the digits of a decimal in bytes here; the scale is what changes its value. */
const MAX_PRECISION = 38

function primitiveOf(type: AvroType): PrimitiveType {
  switch (type.kind) {
    case 'int':
      if (type.logicalType === 'date') return 'date'
      return type.logicalType === 'time-millis' ? 'time' : 'int'
    case 'long':
      return longTypeOf(type)
    case 'bytes':
      return type.logicalType === 'decimal' ? `decimal(${MAX_PRECISION}, ${type.scale ?? 0})` : 'binary'
    case 'fixed':
      if (type.logicalType === 'decimal') return `decimal(${MAX_PRECISION}, ${type.scale ?? 0})`
      return type.logicalType === 'uuid' ? 'uuid' : `fixed[${type.sizeBytes}]`
    case 'boolean':
    case 'float':
    case 'double':
    case 'string':
      return type.kind
    case 'enum':
      return 'string'
    default:
      return 'unknown'
  }
}

function longTypeOf({ logicalType = '', isUtc }: Extract<AvroType, { kind: 'int' | 'long' }>): PrimitiveType {
  if (logicalType.startsWith('time-')) return 'time'
  if (!/^(local-)?timestamp-/.test(logicalType)) return 'long'
  const zone = isUtc === true ? 'timestamptz' : 'timestamp'
  return logicalType.endsWith('nanos') ? `${zone}_ns` : zone
}
