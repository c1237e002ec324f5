import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { UnsupportedParquet } from '@/lib/parquet/errors'
import type { SchemaNode } from '@/lib/parquet/schema-node'

/**
 * How a variant is stored in a file: as bytes in `value`, shredded into columns of their own in `typed_value`, or both.
 * The columns are found by name, because they have no field ids.
 *
 * Spec: parquet-format, *VariantShredding.md*.
 */
export type VariantGroup = { node: SchemaNode; value: SchemaNode | null; typed: TypedValue | null }

export type TypedValue =
  | { kind: 'primitive'; node: SchemaNode; type: PrimitiveType }
  | { kind: 'object'; node: SchemaNode; fields: readonly { name: string; group: VariantGroup }[] }
  | { kind: 'array'; node: SchemaNode; repeated: SchemaNode; element: VariantGroup }

/** @throws {UnsupportedParquet} if the column is not a variant */
export function readVariantColumn(node: SchemaNode): { metadata: SchemaNode; group: VariantGroup } {
  const metadata = childNamed(node, 'metadata')
  if (metadata?.leaf?.physicalType !== 'BYTE_ARRAY') throw notVariantError(node)
  return { metadata, group: readGroup(node) }
}

function readGroup(node: SchemaNode): VariantGroup {
  const value = childNamed(node, 'value')
  const typedNode = childNamed(node, 'typed_value')
  if (node.leaf || (!value && !typedNode) || (value && value.leaf?.physicalType !== 'BYTE_ARRAY')) {
    throw notVariantError(node)
  }
  return { node, value, typed: typedNode && readTyped(typedNode) }
}

function readTyped(node: SchemaNode): TypedValue {
  if (node.leaf) return { kind: 'primitive', node, type: primitiveTypeOf(node) }
  if (node.annotation?.kind !== 'list' && node.children.every(({ repetition }) => repetition !== 'repeated')) {
    return {
      kind: 'object',
      node,
      fields: node.children.map((child) => ({ name: child.name, group: readGroup(child) })),
    }
  }
  const [repeated] = node.children
  const [element] = repeated?.children ?? []
  if (repeated?.repetition !== 'repeated' || node.children.length !== 1 || !element || repeated.children.length !== 1) {
    throw notVariantError(node)
  }
  return { kind: 'array', node, repeated, element: readGroup(element) }
}

function childNamed(node: SchemaNode, name: string): SchemaNode | null {
  const child = node.children.find((candidate) => candidate.name === name)
  if (child?.repetition === 'repeated') throw notVariantError(node)
  return child ?? null
}

/** The types of *Shredded Value Types*; any other column cannot be part of a variant. */
function primitiveTypeOf(node: SchemaNode): PrimitiveType {
  const { leaf, annotation } = node
  const type = typeByAnnotation(node) ?? (annotation === null ? typeByStorage(leaf?.physicalType) : null)
  if (type === null) {
    const storedType = annotation ? `${leaf?.physicalType} (${annotation.kind})` : leaf?.physicalType
    throw new UnsupportedParquet(`column ${node.path.join('.')} holds ${storedType}, which is not a type of variants`)
  }
  return type
}

function typeByAnnotation({ leaf, annotation }: SchemaNode): PrimitiveType | null {
  const physicalType = leaf?.physicalType
  switch (annotation?.kind) {
    case 'integer':
      if (!annotation.isSigned) return null
      return physicalType === 'INT64' ? 'long' : 'int'
    case 'decimal':
      return `decimal(38, ${annotation.scale})`
    case 'date':
      return 'date'
    case 'time':
      return annotation.unit === 'micros' && physicalType === 'INT64' ? 'time' : null
    case 'timestamp':
      if (annotation.unit === 'millis') return null
      if (annotation.unit === 'nanos') return annotation.isUtc ? 'timestamptz_ns' : 'timestamp_ns'
      return annotation.isUtc ? 'timestamptz' : 'timestamp'
    case 'string':
      return 'string'
    case 'uuid':
      return 'uuid'
    default:
      return null
  }
}

function typeByStorage(physicalType: string | undefined): PrimitiveType | null {
  switch (physicalType) {
    case 'BOOLEAN':
      return 'boolean'
    case 'INT32':
      return 'int'
    case 'INT64':
      return 'long'
    case 'FLOAT':
      return 'float'
    case 'DOUBLE':
      return 'double'
    case 'BYTE_ARRAY':
      return 'binary'
    default:
      return null
  }
}

function notVariantError(node: SchemaNode): UnsupportedParquet {
  return new UnsupportedParquet(`column ${node.path.join('.')} is not stored as a variant`)
}
