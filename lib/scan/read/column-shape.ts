import type { ListType, MapType, NestedField, PrimitiveType, StructType, Type } from '@/lib/iceberg/schema/types'
import { DamagedParquet, UnsupportedParquet } from '@/lib/parquet/errors'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import type { RowValue } from './row-value'
import { readVariantColumn, type TypedValue, type VariantGroup } from './variant-shape'

/**
 * How one column of the table is made from the columns of a file, as a tree. Columns are matched by field id, never by
 * name, at every depth.
 *
 * A `witness` is a column of the file whose levels show whether a struct or list is present. `minDefinition` is that of
 * the innermost list around: lower levels stand for an absent or empty list.
 *
 * Spec: Iceberg table spec, *Column Projection*; parquet-format, *LogicalTypes.md*, *Nested Types*.
 */
export type ColumnShape =
  | { kind: 'leaf'; node: SchemaNode; type: PrimitiveType; minDefinition: number }
  /** A column that the file does not contain. */
  | { kind: 'missing'; value: RowValue | null }
  | { kind: 'struct'; node: SchemaNode; witness: SchemaNode; minDefinition: number; fields: readonly ColumnShape[] }
  /** A variant: its metadata and, as a struct, the groups of its values. */
  | { kind: 'variant'; group: VariantGroup; metadata: ColumnShape; stored: ColumnShape }
  | ({ kind: 'list'; element: ColumnShape } & RepeatedShape)
  | ({ kind: 'map'; key: ColumnShape; value: ColumnShape } & RepeatedShape)

export type RepeatedShape = {
  node: SchemaNode
  witness: SchemaNode
  minDefinition: number
  /** A lower definition is a null; one between this and `filledDefinition` an empty list. */
  presentDefinition: number
  filledDefinition: number
  /** A level with at most this repetition begins an entry, one with less begins a list. */
  repetition: number
}

export type ShapeOptions = {
  /** The field id of a column of the file: from the file or the table's name mapping. */
  fieldIdOf: (node: SchemaNode) => number | null
  /** The value of a column that the file does not contain. */
  missingValueOf: (field: NestedField) => RowValue | null
}

/**
 * @param root of the file's schema
 * @throws {UnsupportedParquet} if the file's columns do not match the table's types, {DamagedParquet} for lists without
 *   elements and groups without columns
 */
export function toColumnShape(field: NestedField, root: SchemaNode, options: ShapeOptions): ColumnShape {
  const node = root.children.find((child) => options.fieldIdOf(child) === field.id)
  if (!node) return { kind: 'missing', value: options.missingValueOf(field) }
  return toShape(field.type, node, { ...options, minDefinition: 0 })
}

/** The columns of the file that a shape needs, without duplicates. */
export function leavesOf(shape: ColumnShape): SchemaNode[] {
  const leaves = new Set<SchemaNode>()
  const visit = (part: ColumnShape): void => {
    if (part.kind === 'leaf') leaves.add(part.node)
    if ('witness' in part) leaves.add(part.witness)
    for (const child of childrenOf(part)) visit(child)
  }
  visit(shape)
  return [...leaves]
}

export function childrenOf(shape: ColumnShape): readonly ColumnShape[] {
  switch (shape.kind) {
    case 'leaf':
    case 'missing':
      return []
    case 'struct':
      return shape.fields
    case 'variant':
      return [shape.metadata, shape.stored]
    case 'list':
      return [shape.element]
    case 'map':
      return [shape.key, shape.value]
  }
}

type Context = ShapeOptions & { minDefinition: number }

/** @param isEntry whether the node is the repeated one of a list, so that its own repetition is the list's */
function toShape(type: Type, node: SchemaNode, context: Context, isEntry = false): ColumnShape {
  // A writer that has only seen nulls knows no type, and writes a column of nulls in place of a struct or list as well.
  if (node.leaf && node.annotation?.kind === 'null') {
    return { kind: 'leaf', node, type: 'unknown', minDefinition: context.minDefinition }
  }
  if (type === 'variant') return toVariantShape(node, context)
  if (typeof type === 'string') {
    if (!node.leaf)
      throw new UnsupportedParquet(`column ${node.path.join('.')} is a group, but its type in the table is ${type}`)
    // Every value of an unknown column is null.
    if (type === 'unknown') return { kind: 'missing', value: null }
    return { kind: 'leaf', node, type, minDefinition: context.minDefinition }
  }
  switch (type.type) {
    case 'struct':
      return toStructShape(type, node, context)
    case 'list':
      return toListShape(type, node, context, isEntry)
    case 'map':
      return toMapShape(type, node, context)
  }
}

function toStructShape(type: StructType, node: SchemaNode, context: Context): ColumnShape {
  if (node.leaf) throw new UnsupportedParquet(`column ${node.path.join('.')} is not a struct as in the table`)
  const fields = type.fields.map((field): ColumnShape => {
    const child = node.children.find((candidate) => context.fieldIdOf(candidate) === field.id)
    return child ? toShape(field.type, child, context) : { kind: 'missing', value: context.missingValueOf(field) }
  })
  const { minDefinition } = context
  return { kind: 'struct', node, witness: chooseWitness(node, fields), minDefinition, fields }
}

/** Three levels as the format specifies, the older two levels, or a repeated column without a list around it. */
function toListShape(type: ListType, node: SchemaNode, context: Context, isEntry: boolean): ColumnShape {
  const repeated = node.repetition === 'repeated' && !isEntry ? node : node.children[0]
  if (!repeated || repeated.repetition !== 'repeated' || (repeated !== node && node.children.length !== 1)) {
    throw new UnsupportedParquet(`column ${node.path.join('.')} is not a list as in the table`)
  }
  const [onlyChild] = repeated.children
  const isElement =
    repeated.leaf !== null ||
    repeated.children.length !== 1 ||
    context.fieldIdOf(repeated) === type.elementId ||
    (onlyChild !== undefined && context.fieldIdOf(onlyChild) !== type.elementId)
  const elementNode = isElement ? repeated : onlyChild
  if (!elementNode) throw new DamagedParquet(`column ${node.path.join('.')} is a list without an element`)
  const inside = { ...context, minDefinition: repeated.maxDefinition }
  const element = toShape(type.element, elementNode, inside, isElement)
  return {
    kind: 'list',
    node,
    witness: chooseWitness(repeated, [element]),
    minDefinition: context.minDefinition,
    presentDefinition: repeated === node ? node.maxDefinition - 1 : node.maxDefinition,
    filledDefinition: repeated.maxDefinition,
    repetition: repeated.maxRepetition,
    element,
  }
}

function toVariantShape(node: SchemaNode, context: Context): ColumnShape {
  const { metadata, group } = readVariantColumn(node)
  return {
    kind: 'variant',
    group,
    metadata: { kind: 'leaf', node: metadata, type: 'binary', minDefinition: context.minDefinition },
    stored: toGroupShape(group, context.minDefinition, [metadata]),
  }
}

/** @param others columns of the group that are read anyway */
function toGroupShape(
  { node, value, typed }: VariantGroup,
  minDefinition: number,
  others: readonly SchemaNode[] = [],
): ColumnShape {
  const fields: ColumnShape[] = [
    value ? { kind: 'leaf', node: value, type: 'binary', minDefinition } : { kind: 'missing', value: null },
    typed ? toTypedShape(typed, minDefinition) : { kind: 'missing', value: null },
  ]
  const read = others.map((leaf): ColumnShape => ({ kind: 'leaf', node: leaf, type: 'binary', minDefinition }))
  return { kind: 'struct', node, witness: chooseWitness(node, [...read, ...fields]), minDefinition, fields }
}

function toTypedShape(typed: TypedValue, minDefinition: number): ColumnShape {
  const { node } = typed
  switch (typed.kind) {
    case 'primitive':
      return { kind: 'leaf', node, type: typed.type, minDefinition }
    case 'object': {
      const fields = typed.fields.map(({ group }) => toGroupShape(group, minDefinition))
      return { kind: 'struct', node, witness: chooseWitness(node, fields), minDefinition, fields }
    }
    case 'array': {
      const { repeated } = typed
      const element = toGroupShape(typed.element, repeated.maxDefinition)
      return {
        kind: 'list',
        node,
        witness: chooseWitness(repeated, [element]),
        minDefinition,
        presentDefinition: node.maxDefinition,
        filledDefinition: repeated.maxDefinition,
        repetition: repeated.maxRepetition,
        element,
      }
    }
  }
}

function toMapShape(type: MapType, node: SchemaNode, context: Context): ColumnShape {
  const entry = node.children[0]
  const keyNode = entry?.children.find((child) => context.fieldIdOf(child) === type.keyId)
  if (!entry || entry.repetition !== 'repeated' || !keyNode) {
    throw new UnsupportedParquet(`column ${node.path.join('.')} is not a map as in the table`)
  }
  const inside = { ...context, minDefinition: entry.maxDefinition }
  const valueNode = entry.children.find((child) => context.fieldIdOf(child) === type.valueId)
  const key = toShape(type.key, keyNode, inside)
  const value: ColumnShape = valueNode ? toShape(type.value, valueNode, inside) : { kind: 'missing', value: null }
  return {
    kind: 'map',
    node,
    witness: chooseWitness(entry, [key, value]),
    minDefinition: context.minDefinition,
    presentDefinition: node.maxDefinition,
    filledDefinition: entry.maxDefinition,
    repetition: entry.maxRepetition,
    key,
    value,
  }
}

/** A column that is read anyway, otherwise the least repeated one below the node, which has the fewest levels. */
function chooseWitness(node: SchemaNode, parts: readonly ColumnShape[]): SchemaNode {
  const read = parts.flatMap(leavesOf)
  const [witness] = (read.length > 0 ? read : leavesBelow(node)).toSorted((a, b) => a.maxRepetition - b.maxRepetition)
  if (!witness) throw new DamagedParquet(`column ${node.path.join('.')} has no nested columns`)
  return witness
}

function leavesBelow(node: SchemaNode): SchemaNode[] {
  return node.leaf ? [node] : node.children.flatMap(leavesBelow)
}
