import {
  type Data,
  DataType,
  Field,
  FixedSizeList,
  LargeList,
  LargeUtf8,
  List,
  Map_,
  makeData,
  Null,
  Precision,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Timestamp,
} from 'apache-arrow'
import { AppError } from '@/lib/errors'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { NameMapping } from '@/lib/iceberg/schema/name-mapping'

/**
 * A file's columns in the shape of a table's schema. Columns are matched by field id at every level, so that a renamed
 * or moved column is found, a column added later is null (or its partition constant), and a dropped one is left out.
 * Values are unchanged: DuckDB widens them on insertion (int to long, float to double, a decimal's precision).
 *
 * Spec: Iceberg table spec, *Column Projection* and *Schema Evolution*.
 *
 * @param fields the wanted columns, in the order of the result
 * @param idOf the id of a file's column; null if it has none
 * @param constants text of the values of columns that the file lacks, by field id (identity partitions)
 * @throws {AppError} not-supported when the stored type of a column cannot be promoted to the schema's
 */
export function mapToSchema(
  file: Table,
  fields: readonly NestedField[],
  constants: Constants,
  idOf: FieldIdResolver = parquetFieldId,
): Table {
  const batches = file.batches.map((batch) => {
    const { numRows } = batch
    const mapped = fields.map((field) =>
      mapField(field, batch.schema.fields, batch.data.children, numRows, constants, idOf),
    )
    return toRecordBatch(mapped, numRows)
  })
  const [first] = batches
  return first ? new Table(first.schema, batches) : new Table(toRecordBatch([], 0))
}

/** Rows of a file that has none of the wanted columns. */
export function rowsWithoutColumns(rowCount: number, fields: readonly NestedField[], constants: Constants): Table {
  return new Table(
    toRecordBatch(
      fields.map((field) => missingColumn(field, rowCount, constants)),
      rowCount,
    ),
  )
}

type Constants = ReadonlyMap<number, string | null>
type FieldIdResolver = (field: Field) => number | null
type MappedColumn = { field: Field; data: Data }

function toRecordBatch(columns: readonly MappedColumn[], rowCount: number): RecordBatch {
  const schema = new Schema(columns.map(({ field }) => field))
  const children = columns.map(({ data }) => data)
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length: rowCount, nullCount: 0, children }),
  )
}

function mapField(
  target: NestedField,
  fileFields: readonly Field[],
  fileData: readonly Data[],
  rowCount: number,
  constants: Constants,
  idOf: FieldIdResolver,
): MappedColumn {
  const index = fileFields.findIndex((field) => idOf(field) === target.id)
  const field = fileFields[index]
  const data = fileData[index]
  if (!field || !data) return missingColumn(target, rowCount, constants)
  return mapData(target.name, target.type, field, data, idOf)
}

function missingColumn(target: NestedField, rowCount: number, constants: Constants): MappedColumn {
  const constant = constants.get(target.id)
  if (constant === undefined || constant === null) {
    const data = makeData({ type: new Null(), length: rowCount, nullCount: rowCount })
    return { field: new Field(target.name, data.type, true), data }
  }
  const data = repeatText(constant, rowCount)
  return { field: new Field(target.name, data.type, true), data }
}

function repeatText(text: string, count: number): Data {
  const bytes = new TextEncoder().encode(text)
  const valueOffsets = BigInt64Array.from({ length: count + 1 }, (_, i) => BigInt(i * bytes.length))
  const data = new Uint8Array(bytes.length * count)
  for (let i = 0; i < count; i++) data.set(bytes, i * bytes.length)
  return makeData({ type: new LargeUtf8(), length: count, nullCount: 0, valueOffsets, data })
}

function mapData(name: string, target: Type, field: Field, data: Data, idOf: FieldIdResolver): MappedColumn {
  if (typeof target === 'string') return mapPrimitive(name, target, field, data)
  const { type } = data
  if (target.type === 'struct' && DataType.isStruct(type)) {
    // A child has the same offset as its struct: slices of a struct keep their children whole.
    const rows = data.offset + data.length
    const mapped = target.fields.map((child) => mapField(child, type.children, data.children, rows, new Map(), idOf))
    return rebuildColumn(
      name,
      data,
      new Struct(mapped.map((child) => child.field)),
      mapped.map((child) => child.data),
    )
  }
  if (
    target.type === 'list' &&
    (DataType.isList(type) || DataType.isLargeList(type) || DataType.isFixedSizeList(type))
  ) {
    const child = onlyChild(field, data)
    const mapped = mapData('element', target.element, child.field, child.data, idOf)
    return rebuildColumn(name, data, toListType(type, mapped.field), [mapped.data])
  }
  if (target.type === 'map' && DataType.isMap(type)) {
    const { field: entriesField, data: entries } = onlyChild(field, data)
    const entriesType: DataType = entries.type
    const [keyField, valueField] = DataType.isStruct(entriesType) ? entriesType.children : []
    const [keys, values] = entries.children
    if (!keyField || !valueField || !keys || !values) throw unreadableTypeError(field, target)
    const key = mapData('key', target.key, keyField, keys, idOf)
    const value = mapData('value', target.value, valueField, values, idOf)
    const mappedEntriesType = new Struct([key.field.clone({ nullable: false }), value.field])
    const mapped = rebuildColumn(entriesField.name, entries, mappedEntriesType, [key.data, value.data])
    return rebuildColumn(name, data, new Map_(mapped.field.clone({ nullable: false }), type.keysSorted), [mapped.data])
  }
  throw unreadableTypeError(field, target)
}

/** A writer that stores its Arrow schema in the file, such as PyArrow, gets its own kind of list back. */
function toListType(type: List | LargeList | FixedSizeList, element: Field): DataType {
  if (DataType.isLargeList(type)) return new LargeList(element)
  return DataType.isList(type) ? new List(element) : new FixedSizeList(type.listSize, element)
}

function mapPrimitive(name: string, target: Type, field: Field, data: Data): MappedColumn {
  if (typeof target !== 'string' || !isReadable(target, data.type)) throw unreadableTypeError(field, target)
  // The zone is removed: see `duckdbType`. Values of both types are counted from 1970-01-01T00:00 UTC.
  if (DataType.isTimestamp(data.type)) return rebuildColumn(name, data, new Timestamp(data.type.unit, null), [])
  if (target === 'uuid') {
    const metadata = new Map([
      ['ARROW:extension:name', 'arrow.uuid'],
      ['ARROW:extension:metadata', ''],
    ])
    return { field: new Field(name, data.type, true, metadata), data }
  }
  return { field: new Field(name, data.type, true), data }
}

function rebuildColumn(name: string, data: Data, type: DataType, children: Data[]): MappedColumn {
  const rebuilt = data.clone(type, data.offset, data.length, data.nullCount, data.buffers, children)
  return { field: new Field(name, type, true), data: rebuilt }
}

function onlyChild(field: Field, data: Data): { field: Field; data: Data } {
  const childField: Field | undefined = data.type.children?.[0]
  const [child] = data.children
  if (!childField || !child) throw new AppError('file-damaged', `Column ${field.name} has no elements.`)
  return { field: childField, data: child }
}

/** The id that a file itself gives a column, as parquet-wasm exposes it. */
export function parquetFieldId(field: Field): number | null {
  const text = field.metadata.get('PARQUET:field_id')
  return text === undefined ? null : Number(text)
}

/** Ids that a name mapping assigns to the columns of a file without ids, at every depth. */
export function arrowFieldIdsByNameMapping(fields: readonly Field[], mapping: NameMapping): Map<Field, number> {
  const ids = new Map<Field, number>()
  const visit = (field: Field, name: string, names: NameMapping) => {
    const mapped = names.find((candidate) => candidate.names.includes(name))
    if (!mapped) return
    if (mapped.fieldId !== null) ids.set(field, mapped.fieldId)
    const type: DataType = field.type
    const [first] = type.children ?? []
    if (DataType.isStruct(type)) for (const child of type.children) visit(child, child.name, mapped.fields)
    else if (DataType.isMap(type) && first && DataType.isStruct(first.type)) {
      const [key, value] = first.type.children
      if (key) visit(key, 'key', mapped.fields)
      if (value) visit(value, 'value', mapped.fields)
    } else if (first) visit(first, 'element', mapped.fields)
  }
  for (const field of fields) visit(field, field.name, mapping)
  return ids
}

/** Whether a stored type is the schema's own, or one that the specification allows to be promoted to it. */
function isReadable(target: string, stored: DataType): boolean {
  const type = DataType.isDictionary(stored) ? stored.dictionary : stored
  const bits = DataType.isInt(type) && type.isSigned ? type.bitWidth : null
  switch (target) {
    case 'unknown':
      return true
    case 'boolean':
      return DataType.isBool(type)
    case 'int':
      return bits !== null && bits <= 32
    case 'long':
      return bits !== null
    case 'float':
      return DataType.isFloat(type) && type.precision !== Precision.DOUBLE
    case 'double':
      return DataType.isFloat(type)
    case 'date':
      return DataType.isDate(type)
    case 'time':
      return DataType.isTime(type)
    case 'timestamp':
    case 'timestamptz':
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return DataType.isTimestamp(type)
    case 'string':
      return DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type)
    case 'uuid':
      return isFixed(type, 16)
    case 'binary':
      return DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isBinaryView(type) || isFixed(type)
  }
  const decimal = /^decimal\((\d+), ?(\d+)\)$/.exec(target)
  if (decimal)
    return DataType.isDecimal(type) && type.scale === Number(decimal[2]) && type.precision <= Number(decimal[1])
  const fixed = /^fixed\[(\d+)\]$/.exec(target)
  return fixed !== null && isFixed(type, Number(fixed[1]))
}

function isFixed(type: DataType, byteWidth?: number): boolean {
  return DataType.isFixedSizeBinary(type) && (byteWidth ?? type.byteWidth) === type.byteWidth
}

function unreadableTypeError(field: Field, target: Type): AppError {
  const wanted = typeof target === 'string' ? target : target.type
  return new AppError(
    'not-supported',
    `Column ${field.name} is stored as ${String(field.type)} and cannot be read as ${wanted}.`,
  )
}
