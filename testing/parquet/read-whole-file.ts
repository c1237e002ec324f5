import type { AvroBlockCodecs } from '@/lib/iceberg/avro/codecs'
import type { MappedField } from '@/lib/iceberg/properties/name-mapping'
import type { NestedField, PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import { readFooter } from '@/lib/parquet/footer'
import type { PageCodecs } from '@/lib/parquet/page-codecs'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { createRowReader } from '@/lib/scan/read-rows'
import type { RowValue } from '@/lib/scan/read/row-values'

/** Parquet files are read without the codecs of Avro. */
const NO_AVRO: AvroBlockCodecs = {
  decompress: () => {
    throw new Error('a Parquet file has no Avro block')
  },
}

/** A damaged file may claim any number. */
const MAX_ROWS = 1_000_000

export type WholeColumn = { field: NestedField; values: readonly (RowValue | null)[] }

/**
 * All rows of a Parquet file as the reader of scans reads them. A file that was not written for Iceberg has no field
 * ids, so a name mapping is built from its own schema.
 *
 * @param name for error messages
 * @param columnNames of the columns to read; absent: all
 * @param types of the table, by the names of its columns, where they are not those of the file
 */
export async function readWholeFile(
  name: string,
  bytes: Uint8Array,
  codecs: PageCodecs,
  columnNames?: readonly string[],
  types: Readonly<Record<string, Type>> = {},
): Promise<WholeColumn[]> {
  const source = {
    name,
    byteLength: bytes.length,
    read: (start: number, end: number) => Promise.resolve(bytes.slice(start, end)),
  }
  const footer = await readFooter(source)
  let nextId = 1
  const columns = footer.schema.children.map((node) => toField(node, () => nextId++))
  const fields = columns.map(({ field }) => ({ ...field, type: types[field.name] ?? field.type }))
  const file = { path: name, fileSizeBytes: bytes.length, recordCount: footer.rowCount, firstRowIndex: 0 }
  const reader = createRowReader({
    codecs: { ...codecs, avro: NO_AVRO },
    fields,
    files: [{ ...file, sequenceNumber: 1, constants: new Map() }],
    open: () => source,
    nameMapping: columns.map(({ mapped }) => mapped),
    limits: { rows: MAX_ROWS },
  })
  const readFields = fields.filter((field) => columnNames?.includes(field.name) ?? true)
  const fieldIds = readFields.map((field) => field.id)
  const batch = await reader.readRows({ firstRow: 0, lastRow: Math.min(footer.rowCount, MAX_ROWS), fieldIds })
  return readFields.map((field) => ({ field, values: batch.columns.get(field.id) ?? [] }))
}

/** Creates an Iceberg field for a column of a file that was not written for Iceberg. */
function toField(node: SchemaNode, nextId: () => number): { field: NestedField; mapped: MappedField } {
  const id = node.fieldId ?? nextId()
  const { type, mapped } = toType(node, nextId)
  return {
    field: { id, name: node.name, required: node.repetition === 'required', type },
    mapped: { fieldId: id, names: [node.name], fields: mapped },
  }
}

function toType(node: SchemaNode, nextId: () => number): { type: Type; mapped: MappedField[] } {
  if (node.repetition === 'repeated') {
    const elementId = nextId()
    const { type, mapped } = toType({ ...node, repetition: 'required' }, nextId)
    return { type: { type: 'list', elementId, element: type, elementRequired: true }, mapped }
  }
  if (node.leaf) return { type: toPrimitive(node), mapped: [] }
  const [repeated] = node.children
  if (node.annotation?.kind === 'list' && repeated) {
    const isElement = repeated.leaf !== null || repeated.children.length !== 1 || repeated.name === 'array'
    const elementNode = isElement ? repeated : repeated.children[0]
    if (!elementNode) throw new Error('the list has no element')
    const elementId = nextId()
    const { type, mapped } = toType({ ...elementNode, repetition: 'optional' }, nextId)
    return {
      type: { type: 'list', elementId, element: type, elementRequired: false },
      mapped: [{ fieldId: elementId, names: ['element', elementNode.name], fields: mapped }],
    }
  }
  if (node.annotation?.kind === 'map' && repeated) {
    const [key, value] = repeated.children.map((child) => toField(child, nextId))
    if (!key) throw new Error('the map has no key')
    return {
      type: {
        type: 'map',
        keyId: key.field.id,
        key: key.field.type,
        valueId: value?.field.id ?? nextId(),
        value: value?.field.type ?? 'unknown',
        valueRequired: false,
      },
      mapped: [key.mapped, ...(value ? [value.mapped] : [])],
    }
  }
  const children = node.children.map((child) => toField(child, nextId))
  return {
    type: { type: 'struct', fields: children.map(({ field }) => field) },
    mapped: children.map(({ mapped }) => mapped),
  }
}

function toPrimitive({ leaf, annotation }: SchemaNode): PrimitiveType {
  if (annotation?.kind === 'decimal') return `decimal(${annotation.precision}, ${annotation.scale})`
  if (annotation?.kind === 'timestamp') {
    if (annotation.unit === 'nanos') return annotation.isUtc ? 'timestamptz_ns' : 'timestamp_ns'
    return annotation.isUtc ? 'timestamptz' : 'timestamp'
  }
  if (annotation?.kind === 'time') return 'time'
  if (annotation?.kind === 'date') return 'date'
  if (annotation?.kind === 'uuid') return 'uuid'
  if (annotation?.kind === 'string' || annotation?.kind === 'enum' || annotation?.kind === 'json') return 'string'
  switch (leaf?.physicalType) {
    case 'BOOLEAN':
      return 'boolean'
    case 'INT32':
      return 'int'
    case 'INT64':
      return 'long'
    case 'INT96':
      return 'timestamp'
    case 'FLOAT':
      return 'float'
    case 'DOUBLE':
      return 'double'
    case 'FIXED_LEN_BYTE_ARRAY':
      return `fixed[${leaf.lengthBytes}]`
    default:
      return 'binary'
  }
}
