import type { ListType, MapType, NestedField, PrimitiveType, StructType, Type, Value } from '@/lib/iceberg/schema/types'
import { DamagedParquet } from '@/lib/parquet/errors'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import type { LeafCursor } from './leaf-pages'
import { valueConverter } from './value-converter'

/**
 * One value of a row. A struct is the list of its fields' values in the schema's order, a list the list of its
 * elements, a map a list of [key, value] pairs in the file's order.
 */
export type RowValue = Value | readonly (RowValue | null)[]

/**
 * How to read one column of the table from one file: the leaves of the file that it needs, and how their levels and
 * values become a value. Columns are matched by field id, never by name, at every depth.
 *
 * Spec: Iceberg table spec, *Column Projection*; parquet-format, *LogicalTypes.md*, *Nested Types*; levels as in Dremel
 * (2010).
 */
export type ColumnPlan = {
  /** Leaves to read, without duplicates. */
  leaves: readonly SchemaNode[]
  /**
   * Reads the value of the row at which every cursor is positioned; cursors are by leaf index. `reserveValueBytes` gets
   * the size of strings, binaries, structs and entries before they are created, and throws if they are too large.
   */
  createReader(cursors: ReadonlyMap<number, LeafCursor>, reserveValueBytes: ReserveValueBytes): () => RowValue | null
}

export type ReserveValueBytes = (bytes: number) => void

/** The value of a column that the file does not contain. */
export type MissingColumn = { constant: Value | null }

/**
 * @param fieldIdOf returns the field id of a node, from the file or the table's name mapping
 * @param constants identity partition values by field id, for columns that the file leaves out
 * @throws {DamagedParquet} if the file's columns do not match the table's types
 */
export function planColumn(
  field: NestedField,
  root: SchemaNode,
  fieldIdOf: (node: SchemaNode) => number | null,
  constants: ReadonlyMap<number, Value | null>,
): ColumnPlan | MissingColumn {
  const node = root.children.find((child) => fieldIdOf(child) === field.id)
  if (!node) return { constant: constants.get(field.id) ?? null }
  const leaves = new Map<number, SchemaNode>()
  const shape = toShape(field.type, node, { fieldIdOf, leaves, constants })
  return {
    leaves: [...leaves.values()],
    createReader: (cursors, reserveValueBytes) => createCheckedReader(shape, cursors, reserveValueBytes),
  }
}

type ShapeContext = {
  fieldIdOf: (node: SchemaNode) => number | null
  leaves: Map<number, SchemaNode>
  constants: ReadonlyMap<number, Value | null>
}

/** What to read, as a tree. `witness` is a leaf whose levels show whether the value is present. */
type Shape =
  | { kind: 'value'; leaf: SchemaNode; type: PrimitiveType }
  | { kind: 'constant'; value: Value | null }
  | { kind: 'struct'; minDefinition: number; witness: SchemaNode; repetition: number; fields: readonly Shape[] }
  | {
      kind: 'list'
      minDefinition: number
      minFilledDefinition: number
      witness: SchemaNode
      repetition: number
      element: Shape
    }
  | {
      kind: 'map'
      minDefinition: number
      minFilledDefinition: number
      witness: SchemaNode
      repetition: number
      key: Shape
      value: Shape
    }

/** @param isEntry whether the node is what a list repeats, so that its own repetition is the list's */
function toShape(type: Type, node: SchemaNode, context: ShapeContext, isEntry = false): Shape {
  if (typeof type === 'string') {
    if (!node.leaf)
      throw new DamagedParquet(`column ${node.path.join('.')} is a group, but its type in the table is ${type}`)
    // Every value of an unknown column is null.
    if (type === 'unknown') return { kind: 'constant', value: null }
    valueConverter(type, node)
    context.leaves.set(node.leaf.index, node)
    return { kind: 'value', leaf: node, type }
  }
  switch (type.type) {
    case 'struct':
      return structShape(type, node, context)
    case 'list':
      return listShape(type, node, context, isEntry)
    case 'map':
      return mapShape(type, node, context)
  }
}

function structShape(type: StructType, node: SchemaNode, context: ShapeContext): Shape {
  if (node.leaf) throw new DamagedParquet(`column ${node.path.join('.')} is not a struct as in the table`)
  const fields = type.fields.map((field): Shape => {
    const child = node.children.find((candidate) => context.fieldIdOf(candidate) === field.id)
    if (!child) return { kind: 'constant', value: context.constants.get(field.id) ?? null }
    return toShape(field.type, child, context)
  })
  return {
    kind: 'struct',
    minDefinition: node.maxDefinition,
    witness: chooseWitness(node, context),
    repetition: node.maxRepetition,
    fields,
  }
}

/** Three levels as the format specifies, the older two levels, or a repeated column without a list around it. */
function listShape(type: ListType, node: SchemaNode, context: ShapeContext, isEntry: boolean): Shape {
  const repeated = node.repetition === 'repeated' && !isEntry ? node : node.children[0]
  if (!repeated || repeated.repetition !== 'repeated' || (repeated !== node && node.children.length !== 1)) {
    throw new DamagedParquet(`column ${node.path.join('.')} is not a list as in the table`)
  }
  const [onlyChild] = repeated.children
  const isElement =
    repeated.leaf !== null ||
    repeated.children.length !== 1 ||
    context.fieldIdOf(repeated) === type.elementId ||
    (onlyChild !== undefined && context.fieldIdOf(onlyChild) !== type.elementId)
  const element = isElement ? repeated : onlyChild
  if (!element) throw new DamagedParquet(`column ${node.path.join('.')} is a list without an element`)
  // The contents come first, so that the witness is one of their leaves if possible.
  const elementShape = toShape(type.element, element, context, isElement)
  return {
    kind: 'list',
    minDefinition: repeated === node ? node.maxDefinition - 1 : node.maxDefinition,
    minFilledDefinition: repeated.maxDefinition,
    witness: chooseWitness(repeated, context),
    repetition: repeated.maxRepetition,
    element: elementShape,
  }
}

function mapShape(type: MapType, node: SchemaNode, context: ShapeContext): Shape {
  const entry = node.children[0]
  const key = entry?.children.find((child) => context.fieldIdOf(child) === type.keyId)
  if (!entry || entry.repetition !== 'repeated' || !key) {
    throw new DamagedParquet(`column ${node.path.join('.')} is not a map as in the table`)
  }
  const value = entry.children.find((child) => context.fieldIdOf(child) === type.valueId)
  const keyShape = toShape(type.key, key, context)
  const valueShape: Shape = value ? toShape(type.value, value, context) : { kind: 'constant', value: null }
  return {
    kind: 'map',
    minDefinition: node.maxDefinition,
    minFilledDefinition: entry.maxDefinition,
    witness: chooseWitness(entry, context),
    repetition: entry.maxRepetition,
    key: keyShape,
    value: valueShape,
  }
}

/** A leaf below the node that is read anyway, otherwise the least repeated one, which has the fewest levels. */
function chooseWitness(node: SchemaNode, { leaves }: ShapeContext): SchemaNode {
  const leavesBelow: SchemaNode[] = []
  const visit = (at: SchemaNode): void => {
    if (at.leaf) leavesBelow.push(at)
    for (const child of at.children) visit(child)
  }
  visit(node)
  leavesBelow.sort((a, b) => a.maxRepetition - b.maxRepetition)
  const witness = leavesBelow.find(({ leaf }) => leaf && leaves.has(leaf.index)) ?? leavesBelow[0]
  if (!witness?.leaf) throw new DamagedParquet(`column ${node.path.join('.')} has no nested columns`)
  leaves.set(witness.leaf.index, witness)
  return witness
}

type Reader = {
  read: () => RowValue | null
  /** Skips an undefined value: one level of every leaf below. */
  skip: () => void
  cursors: readonly LeafCursor[]
}

function createCheckedReader(
  shape: Shape,
  cursors: ReadonlyMap<number, LeafCursor>,
  reserveValueBytes: ReserveValueBytes,
): () => RowValue | null {
  const reader = createShapeReader(shape, cursors, reserveValueBytes)
  return () => {
    const value = reader.read()
    for (const cursor of reader.cursors) {
      if (cursor.hasMore()) {
        throw new DamagedParquet(`column ${cursor.node.path.join('.')} has more values than its sibling columns`)
      }
    }
    return value
  }
}

/** The memory of an entry or of a field of a struct. */
const ENTRY_BYTES = 8

function createShapeReader(
  shape: Shape,
  cursors: ReadonlyMap<number, LeafCursor>,
  reserveValueBytes: ReserveValueBytes,
): Reader {
  switch (shape.kind) {
    case 'constant':
      return { read: () => shape.value, skip: () => undefined, cursors: [] }
    case 'value': {
      const cursor = getCursor(shape.leaf, cursors)
      const toValue = valueConverter(shape.type, shape.leaf)
      return {
        read: () => {
          const raw = cursor.next()
          if (raw === null) return null
          if (raw instanceof Uint8Array) reserveValueBytes(raw.length)
          return toValue(raw)
        },
        skip: () => cursor.skip(),
        cursors: [cursor],
      }
    }
    case 'struct': {
      const fields = shape.fields.map((field) => createShapeReader(field, cursors, reserveValueBytes))
      const parts = addWitness(fields, shape.witness, shape.repetition, cursors)
      return {
        read: () => {
          if (parts.witness.definition() < shape.minDefinition) {
            for (const part of parts.all) part.skip()
            return null
          }
          parts.advanceWitness?.()
          reserveValueBytes(fields.length * ENTRY_BYTES)
          return fields.map((field) => field.read())
        },
        skip: () => {
          for (const part of parts.all) part.skip()
        },
        cursors: parts.cursors,
      }
    }
    case 'list': {
      const element = createShapeReader(shape.element, cursors, reserveValueBytes)
      const repeated = createRepeatedReader(shape, [element], cursors, reserveValueBytes)
      return { ...repeated, read: () => repeated.readAll(() => element.read()) }
    }
    case 'map': {
      const [key, value] = [
        createShapeReader(shape.key, cursors, reserveValueBytes),
        createShapeReader(shape.value, cursors, reserveValueBytes),
      ]
      const repeated = createRepeatedReader(shape, [key, value], cursors, reserveValueBytes)
      return { ...repeated, read: () => repeated.readAll(() => [key.read(), value.read()]) }
    }
  }
}

/** The common part of lists and maps: null, empty, or entries until the repetition level falls. */
function createRepeatedReader(
  shape: Shape & { kind: 'list' | 'map' },
  parts: readonly Reader[],
  cursors: ReadonlyMap<number, LeafCursor>,
  reserveValueBytes: ReserveValueBytes,
) {
  const {
    witness,
    all,
    advanceWitness,
    cursors: cursorsBelow,
  } = addWitness(parts, shape.witness, shape.repetition, cursors)
  const skip = () => {
    for (const part of all) part.skip()
  }
  return {
    skip,
    cursors: cursorsBelow,
    readAll(entry: () => RowValue | null): readonly (RowValue | null)[] | null {
      const definition = witness.definition()
      if (definition < shape.minFilledDefinition) {
        skip()
        return definition < shape.minDefinition ? null : []
      }
      const entries: (RowValue | null)[] = []
      do {
        advanceWitness?.()
        reserveValueBytes(ENTRY_BYTES * parts.length)
        entries.push(entry())
      } while (witness.repetition() === shape.repetition)
      return entries
    },
  }
}

/**
 * The witness is usually one of the leaves that are read. If none of them is below it (all fields of a struct are newer
 * than the file), `advanceWitness` advances it together with them.
 */
function addWitness(
  parts: readonly Reader[],
  leaf: SchemaNode,
  repetition: number,
  cursors: ReadonlyMap<number, LeafCursor>,
) {
  const witness = getCursor(leaf, cursors)
  const cursorsBelow = parts.flatMap((part) => part.cursors)
  if (cursorsBelow.includes(witness)) return { witness, all: parts, advanceWitness: null, cursors: cursorsBelow }
  const witnessReader: Reader = { read: () => null, skip: () => witness.skip(), cursors: [witness] }
  const advanceWitness = () => {
    witness.skip()
    while (witness.repetition() > repetition) witness.skip()
  }
  return { witness, all: [...parts, witnessReader], advanceWitness, cursors: [...cursorsBelow, witness] }
}

function getCursor(leaf: SchemaNode, cursors: ReadonlyMap<number, LeafCursor>): LeafCursor {
  const cursor = cursors.get(leaf.leaf?.index ?? -1)
  if (!cursor) throw new DamagedParquet(`column ${leaf.path.join('.')} was not read`)
  return cursor
}
