import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { i32, type ThriftFields, type ThriftValue, thriftStruct, thriftText } from '@/lib/parquet/write/thrift-writer'
import type { RowValue } from '../read/row-value'
import { LeafWriter, type Levels } from './parquet-leaf-writer'

const REQUIRED = 0
const OPTIONAL = 1
const REPEATED = 2

/** A column, or a part of a nested one. `parent` has the levels at which it is missing. */
type Node = { parent: Levels } & (
  | { kind: 'leaf'; leaf: LeafWriter }
  | { kind: 'struct'; element: ThriftFields; fields: readonly Node[] }
  /** A list has one item, a map a key and a value. */
  | { kind: 'repeated'; element: ThriftFields; groupName: string; items: readonly Node[] }
)

type NamedType = Pick<NestedField, 'id' | 'name' | 'type'>
type NodeContext = Levels & { path: readonly string[]; hasFieldIds: boolean; isRequired?: boolean }

export function toNode(
  { id, name, type }: NamedType,
  { def, rep, path: parentPath, hasFieldIds, isRequired = false }: NodeContext,
): Node {
  const parent = { def, rep }
  const path = [...parentPath, name]
  const present = def + (isRequired ? 0 : 1)
  const common = { 3: i32(isRequired ? REQUIRED : OPTIONAL), 4: thriftText(name) }
  const fieldId = hasFieldIds && { 9: i32(id) }
  if (typeof type === 'string') {
    return { kind: 'leaf', parent, leaf: new LeafWriter(type, { ...common, ...fieldId }, path, { def: present, rep }) }
  }
  const group = (count: number, convertedType: number | null, logicalType: number | null): ThriftFields => ({
    ...common,
    5: i32(count),
    ...(convertedType !== null && { 6: i32(convertedType) }),
    ...fieldId,
    ...(logicalType !== null && { 10: thriftStruct({ [logicalType]: thriftStruct({}) }) }),
  })
  const context = { def: present, rep, path, hasFieldIds }
  switch (type.type) {
    case 'struct': {
      const fields = type.fields.map((field) => toNode(field, context))
      return { kind: 'struct', parent, element: group(fields.length, null, null), fields }
    }
    case 'list': {
      const inside = { def: present + 1, rep: rep + 1, path: [...path, 'list'], hasFieldIds }
      const items = [toNode({ id: type.elementId, name: 'element', type: type.element }, inside)]
      return { kind: 'repeated', parent, element: group(1, 3, 3), groupName: 'list', items }
    }
    case 'map': {
      const inside = { def: present + 1, rep: rep + 1, path: [...path, 'key_value'], hasFieldIds }
      const items = [
        toNode({ id: type.keyId, name: 'key', type: type.key }, { ...inside, isRequired: true }),
        toNode({ id: type.valueId, name: 'value', type: type.value }, inside),
      ]
      return { kind: 'repeated', parent, element: group(1, 1, 2), groupName: 'key_value', items }
    }
  }
}

export function leavesOf(node: Node): readonly LeafWriter[] {
  if (node.kind === 'leaf') return [node.leaf]
  return (node.kind === 'struct' ? node.fields : node.items).flatMap(leavesOf)
}

export function schemaElements(node: Node): ThriftValue[] {
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
export function writeValue(node: Node, value: RowValue | null, { def, rep }: Levels): void {
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
