import { DamagedParquet } from './errors'
import type { ThriftStruct } from './thrift'

export const PHYSICAL_TYPES = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'INT96',
  'FLOAT',
  'DOUBLE',
  'BYTE_ARRAY',
  'FIXED_LEN_BYTE_ARRAY',
] as const
export type PhysicalType = (typeof PHYSICAL_TYPES)[number]

export type TimeUnit = 'millis' | 'micros' | 'nanos'

/** The meaning of the bytes, from the logical type or, in older files, the converted type. */
export type Annotation =
  | { kind: 'string' | 'enum' | 'json' | 'bson' | 'uuid' | 'date' | 'float16' | 'interval' | 'null' }
  | { kind: 'list' | 'map' | 'variant' }
  /** `crs`: the coordinate system, null for longitude and latitude; `edges`: null for spherical ones. */
  | { kind: 'geometry'; crs: string | null }
  | { kind: 'geography'; crs: string | null; edges: string | null }
  | { kind: 'decimal'; precision: number; scale: number }
  | { kind: 'time' | 'timestamp'; isUtc: boolean; unit: TimeUnit }
  | { kind: 'integer'; bits: number; isSigned: boolean }

/** A node of the file's schema tree, with the levels that distinguish nulls and lists (Dremel). */
export type SchemaNode = {
  name: string
  path: readonly string[]
  fieldId: number | null
  repetition: 'required' | 'optional' | 'repeated'
  maxDefinition: number
  maxRepetition: number
  annotation: Annotation | null
  children: readonly SchemaNode[]
  /** Set for a column that contains values. */
  leaf: { index: number; physicalType: PhysicalType; lengthBytes: number } | null
}

/** By their number in the format. */
export const REPETITIONS = ['required', 'optional', 'repeated'] as const
const MAX_ELEMENTS = 100_000
const MAX_DEPTH = 64

/** Converts the footer's flat list (depth first, with the number of children) to a tree. */
export function readSchema(elements: readonly ThriftStruct[]): { root: SchemaNode; leaves: SchemaNode[] } {
  if (elements.length === 0) throw new DamagedParquet('the footer has no schema')
  if (elements.length > MAX_ELEMENTS)
    throw new DamagedParquet(`the schema has ${elements.length} elements, more than ${MAX_ELEMENTS}`)
  const leaves: SchemaNode[] = []
  let next = 0

  const readNode = (parent: SchemaNode | null, depth: number): SchemaNode => {
    const element = elements[next++]
    if (!element) throw new DamagedParquet('the schema claims more columns than it has')
    if (depth > MAX_DEPTH) throw new DamagedParquet(`the schema nests deeper than ${MAX_DEPTH}`)
    const name = element.text(4)
    if (name === undefined) throw new DamagedParquet('a column of the schema has no name')
    const childCount = element.int(5) ?? 0
    const repetition = parent ? REPETITIONS[element.int(3) ?? 0] : 'required'
    if (repetition === undefined) throw new DamagedParquet(`column ${name} has an unknown repetition`)
    const children: SchemaNode[] = []
    const node: SchemaNode = {
      name,
      path: parent ? [...parent.path, name] : [],
      fieldId: element.int(9) ?? null,
      repetition,
      maxDefinition: (parent?.maxDefinition ?? 0) + (repetition === 'required' ? 0 : 1),
      maxRepetition: (parent?.maxRepetition ?? 0) + (repetition === 'repeated' ? 1 : 0),
      annotation: toAnnotation(element),
      children,
      leaf: isLeaf(element, parent) ? toLeaf(element, name, leaves.length) : null,
    }
    if (node.leaf) leaves.push(node)
    else for (let i = 0; i < childCount; i++) children.push(readNode(node, depth + 1))
    return node
  }

  const root = readNode(null, 0)
  if (next !== elements.length) throw new DamagedParquet('the schema has columns without a parent')
  return { root, leaves }
}

function isLeaf(element: ThriftStruct, parent: SchemaNode | null): boolean {
  return parent !== null && element.has(1) && (element.int(5) ?? 0) === 0
}

function toLeaf(element: ThriftStruct, name: string, index: number): NonNullable<SchemaNode['leaf']> {
  const physicalType = PHYSICAL_TYPES[element.int(1) ?? -1]
  if (physicalType === undefined) throw new DamagedParquet(`column ${name} has an unknown physical type`)
  const lengthBytes = element.int(2) ?? 0
  if (physicalType === 'FIXED_LEN_BYTE_ARRAY' && (lengthBytes < 1 || lengthBytes > 1_000_000)) {
    throw new DamagedParquet(`column ${name} has values of the invalid length ${lengthBytes}`)
  }
  return { index, physicalType, lengthBytes }
}

function toAnnotation(element: ThriftStruct): Annotation | null {
  const logical = element.struct(10)
  return (logical && fromLogicalType(logical)) ?? fromConvertedType(element)
}

function fromLogicalType(logical: ThriftStruct): Annotation | null {
  const decimal = logical.struct(5)
  if (decimal) return { kind: 'decimal', scale: decimal.int(1) ?? 0, precision: decimal.int(2) ?? 0 }
  const time = logical.struct(7) ?? logical.struct(8)
  if (time) {
    const unit = time.struct(2)
    return {
      kind: logical.has(7) ? 'time' : 'timestamp',
      isUtc: time.bool(1) ?? false,
      unit: unit?.has(1) ? 'millis' : unit?.has(3) ? 'nanos' : 'micros',
    }
  }
  const integer = logical.struct(10)
  if (integer) return { kind: 'integer', bits: integer.int(1) ?? 32, isSigned: integer.bool(2) ?? true }
  const geometry = logical.struct(17)
  if (geometry) return { kind: 'geometry', crs: geometry.text(1) ?? null }
  const geography = logical.struct(18)
  if (geography)
    return { kind: 'geography', crs: geography.text(1) ?? null, edges: EDGES[geography.int(2) ?? 0] ?? null }
  for (const [field, kind] of LOGICAL_KINDS) if (logical.has(field)) return { kind }
  return null
}

/** By their number in the format; spherical ones are the default. */
const EDGES = [null, 'vincenty', 'thomas', 'andoyer', 'karney'] as const

const LOGICAL_KINDS = [
  [1, 'string'],
  [2, 'map'],
  [3, 'list'],
  [4, 'enum'],
  [6, 'date'],
  [11, 'null'],
  [12, 'json'],
  [13, 'bson'],
  [14, 'uuid'],
  [15, 'float16'],
  [16, 'variant'],
] as const

function fromConvertedType(element: ThriftStruct): Annotation | null {
  const type = element.int(6)
  if (type === undefined) return null
  if (type === 5) return { kind: 'decimal', scale: element.int(7) ?? 0, precision: element.int(8) ?? 0 }
  return CONVERTED_TYPES[type] ?? null
}

/** By their number in the format. Timestamps of old files are instants (parquet-format, *LogicalTypes.md*). */
const CONVERTED_TYPES: Readonly<Record<number, Annotation>> = {
  0: { kind: 'string' },
  1: { kind: 'map' },
  2: { kind: 'map' },
  3: { kind: 'list' },
  4: { kind: 'enum' },
  6: { kind: 'date' },
  7: { kind: 'time', isUtc: true, unit: 'millis' },
  8: { kind: 'time', isUtc: true, unit: 'micros' },
  9: { kind: 'timestamp', isUtc: true, unit: 'millis' },
  10: { kind: 'timestamp', isUtc: true, unit: 'micros' },
  11: { kind: 'integer', bits: 8, isSigned: false },
  12: { kind: 'integer', bits: 16, isSigned: false },
  13: { kind: 'integer', bits: 32, isSigned: false },
  14: { kind: 'integer', bits: 64, isSigned: false },
  15: { kind: 'integer', bits: 8, isSigned: true },
  16: { kind: 'integer', bits: 16, isSigned: true },
  17: { kind: 'integer', bits: 32, isSigned: true },
  18: { kind: 'integer', bits: 64, isSigned: true },
  19: { kind: 'json' },
  20: { kind: 'bson' },
  21: { kind: 'interval' },
}
