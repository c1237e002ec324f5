import type { NestedField, PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import type { ParquetFooter } from '@/lib/parquet/footer'
import type { SchemaNode } from '@/lib/parquet/schema-node'

/**
 * The columns of a Parquet file as the file itself declares them, without a table: in the types of Iceberg that hold
 * their values exactly. Their ids are positions in the file's schema ({@link positionIds}), because a file may have no
 * field ids.
 *
 * An unsigned 64-bit integer is a long, so a value above its range is refused when it is read. A half float is a
 * float. An interval is bytes.
 *
 * Spec: parquet-format, *LogicalTypes.md*.
 */
export function fileColumns({ schema }: Pick<ParquetFooter, 'schema'>): NestedField[] {
  const ids = positionIds(schema)
  const idOf = (node: SchemaNode) => ids.get(node) ?? MISSING_ID
  const toField = (node: SchemaNode): NestedField => ({
    id: idOf(node),
    name: node.name,
    required: node.repetition === 'required',
    type: node.repetition === 'repeated' ? toRepeated(node) : toType(node),
  })
  /** A repeated column without a list around it is a list of required elements. */
  const toRepeated = (node: SchemaNode): Type => ({
    type: 'list',
    elementId: idOf(node),
    element: toType(node),
    elementRequired: true,
  })
  const toType = (node: SchemaNode): Type => {
    if (node.leaf) return leafType(node)
    const [repeated] = node.children
    const isNested = repeated?.repetition === 'repeated' && node.children.length === 1
    switch (node.annotation?.kind) {
      case 'variant':
        return 'variant'
      case 'list': {
        if (!isNested) break
        const [only] = repeated.children
        const isElement = repeated.leaf !== null || repeated.children.length !== 1 || isTwoLevelElement(repeated, node)
        if (isElement || only === undefined) return toRepeated(repeated)
        const element = only.repetition === 'repeated' ? toRepeated(only) : toType(only)
        return { type: 'list', elementId: idOf(only), element, elementRequired: only.repetition === 'required' }
      }
      case 'map': {
        const [key, value] = repeated?.children ?? []
        if (!isNested || key === undefined) break
        return {
          type: 'map',
          keyId: idOf(key),
          key: toType(key),
          valueId: value ? idOf(value) : MISSING_ID,
          value: value ? toField(value).type : 'unknown',
          valueRequired: value?.repetition === 'required',
        }
      }
      default:
    }
    return { type: 'struct', fields: node.children.map(toField) }
  }
  return schema.children.map(toField)
}

/** No column has it. */
const MISSING_ID = 0

/** The columns and groups of a file, numbered from 1 in the order of its schema. */
export function positionIds(schema: SchemaNode): ReadonlyMap<SchemaNode, number> {
  const ids = new Map<SchemaNode, number>()
  const visit = (node: SchemaNode): void => {
    for (const child of node.children) {
      ids.set(child, ids.size + 1)
      visit(child)
    }
  }
  visit(schema)
  return ids
}

/** Spec: parquet-format, *LogicalTypes.md*, *Backward-compatibility rules* of lists. */
function isTwoLevelElement(repeated: SchemaNode, list: SchemaNode): boolean {
  return repeated.name === 'array' || repeated.name === `${list.name}_tuple`
}

/** The precision of Iceberg's decimals. */
const MAX_PRECISION = 38

/** The type of Iceberg that holds all values of a column that contains values. */
export function leafType({ leaf, annotation }: SchemaNode): PrimitiveType {
  const physicalType = leaf?.physicalType
  const lengthBytes = leaf?.lengthBytes ?? 0
  switch (annotation?.kind) {
    case 'decimal':
      if (annotation.precision > MAX_PRECISION) break
      return `decimal(${annotation.precision}, ${annotation.scale})`
    case 'date':
      return 'date'
    case 'time':
      return 'time'
    case 'timestamp':
      if (annotation.unit === 'nanos') return annotation.isUtc ? 'timestamptz_ns' : 'timestamp_ns'
      return annotation.isUtc ? 'timestamptz' : 'timestamp'
    case 'string':
    case 'enum':
    case 'json':
      return 'string'
    case 'uuid':
      return 'uuid'
    case 'float16':
      return lengthBytes === 2 ? 'float' : `fixed[${lengthBytes}]`
    case 'geometry':
    case 'geography':
      return annotation.kind
    case 'null':
      return 'unknown'
    case 'integer':
      if (physicalType === 'INT32' && annotation.bits === 32 && !annotation.isSigned) return 'long'
      break
    default:
  }
  switch (physicalType) {
    case 'BOOLEAN':
      return 'boolean'
    case 'INT32':
      return 'int'
    case 'INT64':
      return 'long'
    case 'INT96':
      return 'timestamp_ns'
    case 'FLOAT':
      return 'float'
    case 'DOUBLE':
      return 'double'
    case 'FIXED_LEN_BYTE_ARRAY':
      return `fixed[${lengthBytes}]`
    case 'BYTE_ARRAY':
    case undefined:
      return 'binary'
  }
}
