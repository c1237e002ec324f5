import { AppError } from '@/lib/errors'
import { toBigEndian } from '@/lib/iceberg/schema/single-value'
import { fromHex } from '@/lib/iceberg/schema/byte-text'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { NestedField, PrimitiveType } from '@/lib/iceberg/schema/types'
import { ByteWriter } from '@/lib/parquet/write/byte-writer'
import {
  appendVarint,
  i32,
  i64,
  type ThriftFields,
  type ThriftValue,
  thriftBoolean,
  thriftList,
  thriftStruct,
  thriftText,
  writeThriftStruct,
} from '@/lib/parquet/write/thrift-writer'
import type { RowValue } from '../read/row-value'
import { inColumn, type RowEncoder } from './row-encoder'
import { NotTextError } from './value-json'

/** A row group is written when it has this much. */
const MAX_GROUP_BYTES = 16 * 1024 * 1024
const MAX_GROUP_ROWS = 131_072

const MAGIC = new TextEncoder().encode('PAR1')
const PHYSICAL = { boolean: 0, int32: 1, int64: 2, float: 4, double: 5, bytes: 6, fixed: 7 } as const
const REQUIRED = 0
const OPTIONAL = 1
const REPEATED = 2
const PLAIN = 0
const RLE = 3
const UNCOMPRESSED = 0
const DATA_PAGE = 0

/**
 * Rows as a Parquet file, plain and uncompressed, with one page per column of a row group. Types are those that Iceberg
 * writes, with field ids; variants are JSON text and geometries well-known text. Every column may be null.
 *
 * Spec: apache/parquet-format, `parquet.thrift`; Iceberg table spec, appendix A, *Parquet*.
 */
export function createParquetEncoder(fields: readonly NestedField[]): RowEncoder {
  const columns = fields.map((field) => ({ field, node: toNode(field, { def: 0, rep: 0, path: [] }) }))
  const leaves = columns.flatMap(({ node }) => leavesOf(node))
  const groups: ThriftValue[] = []
  let writtenBytes = MAGIC.length
  let totalRows = 0
  let groupRows = 0

  const flush = (): Uint8Array => {
    const group = new ByteWriter()
    const chunks = leaves.map((leaf) => {
      const start = writtenBytes + group.length
      const valueCount = leaf.levelCount
      group.bytes(leaf.takePage())
      return toColumnChunk(leaf, { start, lengthBytes: writtenBytes + group.length - start, valueCount })
    })
    groups.push(thriftStruct({ 1: thriftList('struct', chunks), 2: i64(group.length), 3: i64(groupRows) }))
    writtenBytes += group.length
    groupRows = 0
    return group.written().slice()
  }

  return {
    start: () => MAGIC.slice(),
    encode: (values, rowCount) => {
      for (const { field, node } of columns) {
        const column = values.get(field.id) ?? []
        inColumn(field, () => {
          for (let row = 0; row < rowCount; row++) writeValue(node, column[row] ?? null, node.parent)
        })
      }
      totalRows += rowCount
      groupRows += rowCount
      const groupBytes = leaves.reduce((sum, leaf) => sum + leaf.memoryBytes, 0)
      return groupRows >= MAX_GROUP_ROWS || groupBytes >= MAX_GROUP_BYTES ? flush() : new Uint8Array(0)
    },
    end: () => {
      const lastGroup = groupRows > 0 ? flush() : new Uint8Array(0)
      const nodes = columns.map(({ node }) => node)
      const metadata = writeThriftStruct({
        1: i32(2),
        2: thriftList('struct', [
          thriftStruct({ 4: thriftText('table'), 5: i32(nodes.length) }),
          ...nodes.flatMap(schemaElements),
        ]),
        3: i64(totalRows),
        4: thriftList('struct', groups),
        6: thriftText('Lakeshore'),
      })
      const footer = new ByteWriter()
      footer.bytes(lastGroup)
      footer.bytes(metadata)
      footer.int32(metadata.length)
      footer.bytes(MAGIC)
      return footer.written().slice()
    },
  }
}

type Levels = { def: number; rep: number }

/** A column, or a part of a nested one. `parent` has the levels at which it is missing. */
type Node = { parent: Levels } & (
  | { kind: 'leaf'; leaf: LeafWriter }
  | { kind: 'struct'; element: ThriftFields; fields: readonly Node[] }
  /** A list has one item, a map a key and a value. */
  | { kind: 'repeated'; element: ThriftFields; groupName: string; items: readonly Node[] }
)

type NamedType = Pick<NestedField, 'id' | 'name' | 'type'>
type Place = Levels & { path: readonly string[]; isRequired?: boolean }

function toNode({ id, name, type }: NamedType, { def, rep, path: parentPath, isRequired = false }: Place): Node {
  const parent = { def, rep }
  const path = [...parentPath, name]
  const present = def + (isRequired ? 0 : 1)
  const common = { 3: i32(isRequired ? REQUIRED : OPTIONAL), 4: thriftText(name) }
  if (typeof type === 'string') {
    return { kind: 'leaf', parent, leaf: new LeafWriter(type, { ...common, 9: i32(id) }, path, { def: present, rep }) }
  }
  const group = (count: number, convertedType: number | null, logicalType: number | null): ThriftFields => ({
    ...common,
    5: i32(count),
    ...(convertedType !== null && { 6: i32(convertedType) }),
    9: i32(id),
    ...(logicalType !== null && { 10: thriftStruct({ [logicalType]: thriftStruct({}) }) }),
  })
  const place = { def: present, rep, path }
  switch (type.type) {
    case 'struct': {
      const fields = type.fields.map((field) => toNode(field, place))
      return { kind: 'struct', parent, element: group(fields.length, null, null), fields }
    }
    case 'list': {
      const inside = { def: present + 1, rep: rep + 1, path: [...path, 'list'] }
      const items = [toNode({ id: type.elementId, name: 'element', type: type.element }, inside)]
      return { kind: 'repeated', parent, element: group(1, 3, 3), groupName: 'list', items }
    }
    case 'map': {
      const inside = { def: present + 1, rep: rep + 1, path: [...path, 'key_value'] }
      const items = [
        toNode({ id: type.keyId, name: 'key', type: type.key }, { ...inside, isRequired: true }),
        toNode({ id: type.valueId, name: 'value', type: type.value }, inside),
      ]
      return { kind: 'repeated', parent, element: group(1, 1, 2), groupName: 'key_value', items }
    }
  }
}

function leavesOf(node: Node): readonly LeafWriter[] {
  if (node.kind === 'leaf') return [node.leaf]
  return (node.kind === 'struct' ? node.fields : node.items).flatMap(leavesOf)
}

function schemaElements(node: Node): ThriftValue[] {
  switch (node.kind) {
    case 'leaf':
      return [thriftStruct(node.leaf.element)]
    case 'struct':
      return [thriftStruct(node.element), ...node.fields.flatMap(schemaElements)]
    case 'repeated': {
      const group = { 3: i32(REPEATED), 4: thriftText(node.groupName), 5: i32(node.items.length) }
      return [thriftStruct(node.element), thriftStruct(group), ...node.items.flatMap(schemaElements)]
    }
  }
}

/** @param levels those at which the value is missing; `rep` is that of the first value in it */
function writeValue(node: Node, value: RowValue | null, { def, rep }: Levels): void {
  if (value === null) {
    for (const leaf of leavesOf(node)) leaf.writeMissing(def, rep)
    return
  }
  switch (node.kind) {
    case 'leaf':
      return node.leaf.write(value, rep)
    case 'struct': {
      const items = itemsOf(value)
      return node.fields.forEach((field, i) => writeValue(field, items[i] ?? null, { def: field.parent.def, rep }))
    }
    case 'repeated': {
      const items = itemsOf(value)
      const [first] = node.items
      if (!first) return
      // The list is there, and empty.
      if (items.length === 0) return leavesOf(node).forEach((leaf) => leaf.writeMissing(first.parent.def - 1, rep))
      return items.forEach((item, i) => {
        const at = { def: first.parent.def, rep: i === 0 ? rep : first.parent.rep }
        const parts = node.items.length === 1 ? [item] : itemsOf(item)
        if (node.items.length > 1 && (parts[0] ?? null) === null) throw nullKeyError()
        node.items.forEach((part, index) => writeValue(part, parts[index] ?? null, at))
      })
    }
  }
}

function nullKeyError(): AppError {
  return new AppError('file-damaged', 'A map has a null as a key, which Parquet cannot hold.')
}

function itemsOf(value: RowValue | null): readonly (RowValue | null)[] {
  return Array.isArray(value) ? value : []
}

/** The values of one column of a row group, with their levels. */
class LeafWriter {
  readonly element: ThriftFields
  readonly path: readonly string[]
  readonly physicalType: number
  readonly #max: Levels
  readonly #write: (value: RowValue, to: ByteWriter) => void
  #defs = new LevelWriter()
  #reps = new LevelWriter()
  #values = new ByteWriter()
  #bitCount = 0

  constructor(type: PrimitiveType, common: ThriftFields, path: readonly string[], max: Levels) {
    const stored = toStored(type)
    this.physicalType = PHYSICAL[stored.physical]
    this.element = { 1: i32(this.physicalType), ...common, ...stored.element }
    this.path = path
    this.#max = max
    this.#write = stored.physical === 'boolean' ? (value, to) => this.#writeBit(value === true, to) : stored.write
  }

  get levelCount(): number {
    return this.#defs.count
  }

  get memoryBytes(): number {
    return this.#values.length + this.#defs.lengthBytes + this.#reps.lengthBytes
  }

  writeMissing(def: number, rep: number): void {
    this.#defs.add(def)
    this.#reps.add(rep)
  }

  write(value: RowValue, rep: number): void {
    this.#defs.add(this.#max.def)
    this.#reps.add(rep)
    this.#write(value, this.#values)
  }

  /** The page with its header; another one begins. */
  takePage(): Uint8Array {
    const valueCount = this.levelCount
    const body = new ByteWriter()
    for (const [levels, max] of [
      [this.#reps, this.#max.rep],
      [this.#defs, this.#max.def],
    ] as const) {
      if (max === 0) continue
      const encoded = levels.finish()
      body.int32(encoded.length)
      body.bytes(encoded)
    }
    body.bytes(this.#values.written())
    const header = writeThriftStruct({
      1: i32(DATA_PAGE),
      2: i32(body.length),
      3: i32(body.length),
      5: thriftStruct({ 1: i32(valueCount), 2: i32(PLAIN), 3: i32(RLE), 4: i32(RLE) }),
    })
    this.#defs = new LevelWriter()
    this.#reps = new LevelWriter()
    this.#values = new ByteWriter()
    this.#bitCount = 0
    const page = new ByteWriter()
    page.bytes(header)
    page.bytes(body.written())
    return page.written()
  }

  #writeBit(bit: boolean, to: ByteWriter): void {
    const at = this.#bitCount++ % 8
    if (at === 0) to.byte(0)
    if (bit) to.orLast(1 << at)
  }
}

/** Levels as runs of equal ones. They are below 256, because columns nest less deeply. */
class LevelWriter {
  count = 0
  readonly #bytes: number[] = []
  #level = 0
  #runLength = 0

  get lengthBytes(): number {
    return this.#bytes.length
  }

  add(level: number): void {
    if (level !== this.#level) this.#endRun()
    this.#level = level
    this.#runLength++
    this.count++
  }

  finish(): Uint8Array {
    this.#endRun()
    return Uint8Array.from(this.#bytes)
  }

  #endRun(): void {
    if (this.#runLength === 0) return
    appendVarint(this.#bytes, 2 * this.#runLength)
    this.#bytes.push(this.#level)
    this.#runLength = 0
  }
}

function toColumnChunk(
  { physicalType, path }: LeafWriter,
  { start, lengthBytes, valueCount }: { start: number; lengthBytes: number; valueCount: number },
): ThriftValue {
  const metadata = thriftStruct({
    1: i32(physicalType),
    2: thriftList('i32', [i32(PLAIN), i32(RLE)]),
    3: thriftList('text', path.map(thriftText)),
    4: i32(UNCOMPRESSED),
    5: i64(valueCount),
    6: i64(lengthBytes),
    7: i64(lengthBytes),
    9: i64(start),
  })
  return thriftStruct({ 2: i64(start), 3: metadata })
}

type Stored = {
  physical: keyof typeof PHYSICAL
  /** What the schema says of the type, by field of `SchemaElement`. */
  element: ThriftFields
  write: (value: RowValue, to: ByteWriter) => void
}

const EMPTY = thriftStruct({})

function toStored(type: PrimitiveType): Stored {
  const primitive = parsePrimitive(type)
  switch (primitive.kind) {
    case 'boolean':
      return { physical: 'boolean', element: {}, write: () => undefined }
    case 'int':
      return { physical: 'int32', element: {}, write: (value, to) => to.int32(Number(value)) }
    case 'date':
      return { ...logical(6, EMPTY, 6), physical: 'int32', write: (value, to) => to.int32(Number(value)) }
    case 'long':
      return { physical: 'int64', element: {}, write: writeInt64 }
    case 'float':
      return { physical: 'float', element: {}, write: (value, to) => to.float32(Number(value)) }
    case 'double':
      return { physical: 'double', element: {}, write: (value, to) => to.float64(Number(value)) }
    case 'time':
      return { ...logical(7, timeType(false, MICROS)), physical: 'int64', write: writeInt64 }
    case 'timestamp':
    case 'timestamptz':
      return { ...logical(8, timeType(primitive.kind === 'timestamptz', MICROS)), physical: 'int64', write: writeInt64 }
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return {
        ...logical(8, timeType(primitive.kind === 'timestamptz_ns', NANOS)),
        physical: 'int64',
        write: writeInt64,
      }
    case 'decimal':
      return toStoredDecimal(primitive)
    case 'uuid':
      return {
        physical: 'fixed',
        element: { 2: i32(16), ...logical(14, EMPTY).element },
        write: (value, to) => to.bytes(fromHex(String(value).replaceAll('-', ''))),
      }
    case 'fixed':
      return {
        physical: 'fixed',
        element: { 2: i32(primitive.lengthBytes) },
        write: (value, to) => to.bytes(toBytes(value)),
      }
    case 'binary':
      return { physical: 'bytes', element: {}, write: (value, to) => writeByteArray(toBytes(value), to) }
    case 'string':
    case 'variant':
    case 'geometry':
    case 'geography':
      return { ...logical(1, EMPTY, 0), physical: 'bytes', write: writeText }
    case 'unknown':
    case 'unrecognized':
      return { ...logical(11, EMPTY), physical: 'int32', write: () => undefined }
  }
}

const MICROS = 2
const NANOS = 3

function timeType(isAdjustedToUtc: boolean, unit: number): ThriftValue {
  return thriftStruct({ 1: thriftBoolean(isAdjustedToUtc), 2: thriftStruct({ [unit]: EMPTY }) })
}

function logical(number: number, value: ThriftValue, convertedType: number | null = null): { element: ThriftFields } {
  return {
    element: { ...(convertedType !== null && { 6: i32(convertedType) }), 10: thriftStruct({ [number]: value }) },
  }
}

function toStoredDecimal({ precision, scale }: { precision: number; scale: number }): Stored {
  const type = thriftStruct({ 1: i32(scale), 2: i32(precision) })
  const element = { 6: i32(5), 7: i32(scale), 8: i32(precision), 10: thriftStruct({ 5: type }) }
  if (precision <= 9) return { physical: 'int32', element, write: (value, to) => to.int32(Number(value)) }
  if (precision <= 18) return { physical: 'int64', element, write: writeInt64 }
  const lengthBytes = toBigEndian(10n ** BigInt(precision) - 1n).length
  return {
    physical: 'fixed',
    element: { 2: i32(lengthBytes), ...element },
    write: (value, to) => {
      const bytes = toBigEndian(toBigInt(value))
      const sign = toBigInt(value) < 0n ? 0xff : 0
      for (let i = bytes.length; i < lengthBytes; i++) to.byte(sign)
      to.bytes(bytes)
    },
  }
}

function writeInt64(value: RowValue, to: ByteWriter): void {
  to.int64(toBigInt(value))
}

function writeText(value: RowValue, to: ByteWriter): void {
  if (typeof value !== 'string') throw new NotTextError()
  writeByteArray(new TextEncoder().encode(value), to)
}

function writeByteArray(bytes: Uint8Array, to: ByteWriter): void {
  to.int32(bytes.length)
  to.bytes(bytes)
}

function toBigInt(value: RowValue): bigint {
  if (typeof value !== 'bigint') throw new Error(`a value is a ${typeof value}, not a bigint`)
  return value
}

function toBytes(value: RowValue): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new Error(`a value is a ${typeof value}, not bytes`)
  return value
}
