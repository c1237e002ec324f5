import type { ListType, MapType, NestedField, PrimitiveType, StructType, Type, Value } from '@/lib/iceberg/types'
import { DamagedParquet } from '@/lib/parquet/damaged'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import type { LeafCursor } from './leaf-pages'
import { toValueOf } from './to-value'

/**
 * One value of a row. A struct is the list of its fields' values in the schema's order, a list the list of its
 * elements, a map a list of [key, value] pairs in the file's order.
 */
export type RowValue = Value | readonly (RowValue | null)[]

/**
 * How one column of the table is read from one file: which leaves of the file it takes, and how their levels and
 * values become a value. Columns are matched by field id, never by name, at every depth.
 *
 * Spec: Iceberg table spec, *Column Projection*; parquet-format, *LogicalTypes.md*, *Nested Types*; levels as in
 * Dremel (2010).
 */
export type ColumnPlan = {
  /** Leaves to read, without repeats. */
  leaves: readonly SchemaNode[]
  /**
   * Reads the value of the row at which every cursor stands, by leaf index. `weigh` hears of the bytes of texts,
   * binaries, structs and entries before they are made; it throws where they are too many.
   */
  build(cursors: ReadonlyMap<number, LeafCursor>, weigh: Weigh): () => RowValue | null
}

export type Weigh = (bytes: number) => void

/** What the file says where it does not hold the column. */
export type MissingColumn = { constant: Value | null }

/**
 * @param fieldIdOf the field id of a node: its own, or by the table's name mapping
 * @param constants identity partition values by field id, for columns the file leaves out
 * @throws {DamagedParquet} where the file's shape is not the table's
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
  const shape = shapeOf(field.type, node, { fieldIdOf, leaves, constants })
  return { leaves: [...leaves.values()], build: (cursors, weigh) => readerOf(shape, cursors, weigh) }
}

type Context = {
  fieldIdOf: (node: SchemaNode) => number | null
  leaves: Map<number, SchemaNode>
  constants: ReadonlyMap<number, Value | null>
}

/** What is to be read, as a tree. `witness` is a leaf whose levels tell whether the value is there. */
type Shape =
  | { kind: 'value'; leaf: SchemaNode; type: PrimitiveType }
  | { kind: 'constant'; value: Value | null }
  | { kind: 'struct'; definedFrom: number; witness: SchemaNode; repetition: number; fields: readonly Shape[] }
  | { kind: 'list'; definedFrom: number; filledFrom: number; witness: SchemaNode; repetition: number; element: Shape }
  | {
      kind: 'map'
      definedFrom: number
      filledFrom: number
      witness: SchemaNode
      repetition: number
      key: Shape
      value: Shape
    }

/** @param isEntry the node is what a list repeats, so that its own repetition is that list's */
function shapeOf(type: Type, node: SchemaNode, context: Context, isEntry = false): Shape {
  if (typeof type === 'string') {
    if (!node.leaf) throw new DamagedParquet(`column ${node.path.join('.')} is a group where the table has a ${type}`)
    // Every value of an unknown column is null.
    if (type === 'unknown') return { kind: 'constant', value: null }
    toValueOf(type, node)
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

function structShape(type: StructType, node: SchemaNode, context: Context): Shape {
  if (node.leaf) throw new DamagedParquet(`column ${node.path.join('.')} is not the struct the table has`)
  const fields = type.fields.map((field): Shape => {
    const child = node.children.find((candidate) => context.fieldIdOf(candidate) === field.id)
    if (!child) return { kind: 'constant', value: context.constants.get(field.id) ?? null }
    return shapeOf(field.type, child, context)
  })
  return {
    kind: 'struct',
    definedFrom: node.maxDefinition,
    witness: witnessOf(node, context),
    repetition: node.maxRepetition,
    fields,
  }
}

/** Three levels as the format wants, or the older two, or a repeated column with no list around it. */
function listShape(type: ListType, node: SchemaNode, context: Context, isEntry: boolean): Shape {
  const repeated = node.repetition === 'repeated' && !isEntry ? node : node.children[0]
  if (!repeated || repeated.repetition !== 'repeated' || (repeated !== node && node.children.length !== 1)) {
    throw new DamagedParquet(`column ${node.path.join('.')} is not the list the table has`)
  }
  const [only] = repeated.children
  const isElement =
    repeated.leaf !== null ||
    repeated.children.length !== 1 ||
    context.fieldIdOf(repeated) === type.elementId ||
    (only !== undefined && context.fieldIdOf(only) !== type.elementId)
  const element = isElement ? repeated : only
  if (!element) throw new DamagedParquet(`column ${node.path.join('.')} is a list of nothing`)
  // What is inside comes first: the witness is one of its leaves where there is any.
  const elementShape = shapeOf(type.element, element, context, isElement)
  return {
    kind: 'list',
    definedFrom: repeated === node ? node.maxDefinition - 1 : node.maxDefinition,
    filledFrom: repeated.maxDefinition,
    witness: witnessOf(repeated, context),
    repetition: repeated.maxRepetition,
    element: elementShape,
  }
}

function mapShape(type: MapType, node: SchemaNode, context: Context): Shape {
  const entry = node.children[0]
  const key = entry?.children.find((child) => context.fieldIdOf(child) === type.keyId)
  if (!entry || entry.repetition !== 'repeated' || !key) {
    throw new DamagedParquet(`column ${node.path.join('.')} is not the map the table has`)
  }
  const value = entry.children.find((child) => context.fieldIdOf(child) === type.valueId)
  const keyShape = shapeOf(type.key, key, context)
  const valueShape: Shape = value ? shapeOf(type.value, value, context) : { kind: 'constant', value: null }
  return {
    kind: 'map',
    definedFrom: node.maxDefinition,
    filledFrom: entry.maxDefinition,
    witness: witnessOf(entry, context),
    repetition: entry.maxRepetition,
    key: keyShape,
    value: valueShape,
  }
}

/** A leaf below the node that is read anyway, else the least repeated one, which has the fewest levels. */
function witnessOf(node: SchemaNode, { leaves }: Context): SchemaNode {
  const below: SchemaNode[] = []
  const visit = (at: SchemaNode): void => {
    if (at.leaf) below.push(at)
    for (const child of at.children) visit(child)
  }
  visit(node)
  below.sort((a, b) => a.maxRepetition - b.maxRepetition)
  const witness = below.find(({ leaf }) => leaf && leaves.has(leaf.index)) ?? below[0]
  if (!witness?.leaf) throw new DamagedParquet(`column ${node.path.join('.')} has no columns inside`)
  leaves.set(witness.leaf.index, witness)
  return witness
}

type Reader = {
  read: () => RowValue | null
  /** Steps over a place where nothing is defined: one level of every leaf below. */
  skip: () => void
  cursors: readonly LeafCursor[]
}

function readerOf(shape: Shape, cursors: ReadonlyMap<number, LeafCursor>, weigh: Weigh): () => RowValue | null {
  const reader = makeReader(shape, cursors, weigh)
  return () => {
    const value = reader.read()
    for (const cursor of reader.cursors) {
      if (cursor.hasMore()) {
        throw new DamagedParquet(`column ${cursor.node.path.join('.')} holds more than the columns beside it`)
      }
    }
    return value
  }
}

/** What an entry, or a field of a struct, takes. */
const ENTRY_BYTES = 8

function makeReader(shape: Shape, cursors: ReadonlyMap<number, LeafCursor>, weigh: Weigh): Reader {
  switch (shape.kind) {
    case 'constant':
      return { read: () => shape.value, skip: () => undefined, cursors: [] }
    case 'value': {
      const cursor = cursorOf(shape.leaf, cursors)
      const toValue = toValueOf(shape.type, shape.leaf)
      return {
        read: () => {
          const raw = cursor.next()
          if (raw === null) return null
          if (raw instanceof Uint8Array) weigh(raw.length)
          return toValue(raw)
        },
        skip: () => cursor.skip(),
        cursors: [cursor],
      }
    }
    case 'struct': {
      const fields = shape.fields.map((field) => makeReader(field, cursors, weigh))
      const parts = withWitness(fields, shape.witness, shape.repetition, cursors)
      return {
        read: () => {
          if (parts.witness.definition() < shape.definedFrom) {
            for (const part of parts.all) part.skip()
            return null
          }
          parts.pass?.()
          weigh(fields.length * ENTRY_BYTES)
          return fields.map((field) => field.read())
        },
        skip: () => {
          for (const part of parts.all) part.skip()
        },
        cursors: parts.cursors,
      }
    }
    case 'list': {
      const element = makeReader(shape.element, cursors, weigh)
      const repeated = repeatedReader(shape, [element], cursors, weigh)
      return { ...repeated, read: () => repeated.readAll(() => element.read()) }
    }
    case 'map': {
      const [key, value] = [makeReader(shape.key, cursors, weigh), makeReader(shape.value, cursors, weigh)]
      const repeated = repeatedReader(shape, [key, value], cursors, weigh)
      return { ...repeated, read: () => repeated.readAll(() => [key.read(), value.read()]) }
    }
  }
}

/** What lists and maps share: null, empty, or entries until the repetition level falls. */
function repeatedReader(
  shape: Shape & { kind: 'list' | 'map' },
  parts: readonly Reader[],
  cursors: ReadonlyMap<number, LeafCursor>,
  weigh: Weigh,
) {
  const { witness, all, pass, cursors: below } = withWitness(parts, shape.witness, shape.repetition, cursors)
  const skip = () => {
    for (const part of all) part.skip()
  }
  return {
    skip,
    cursors: below,
    readAll(entry: () => RowValue | null): readonly (RowValue | null)[] | null {
      const definition = witness.definition()
      if (definition < shape.filledFrom) {
        skip()
        return definition < shape.definedFrom ? null : []
      }
      const entries: (RowValue | null)[] = []
      do {
        pass?.()
        weigh(ENTRY_BYTES * parts.length)
        entries.push(entry())
      } while (witness.repetition() === shape.repetition)
      return entries
    },
  }
}

/**
 * The witness is usually one of the leaves that are read; where none below is (all fields of a struct are newer than
 * the file), it is stepped along with them by `pass`.
 */
function withWitness(
  parts: readonly Reader[],
  leaf: SchemaNode,
  repetition: number,
  cursors: ReadonlyMap<number, LeafCursor>,
) {
  const witness = cursorOf(leaf, cursors)
  const below = parts.flatMap((part) => part.cursors)
  if (below.includes(witness)) return { witness, all: parts, pass: null, cursors: below }
  const alone: Reader = { read: () => null, skip: () => witness.skip(), cursors: [witness] }
  const pass = () => {
    witness.skip()
    while (witness.repetition() > repetition) witness.skip()
  }
  return { witness, all: [...parts, alone], pass, cursors: [...below, witness] }
}

function cursorOf(leaf: SchemaNode, cursors: ReadonlyMap<number, LeafCursor>): LeafCursor {
  const cursor = cursors.get(leaf.leaf?.index ?? -1)
  if (!cursor) throw new DamagedParquet(`column ${leaf.path.join('.')} was not read`)
  return cursor
}
