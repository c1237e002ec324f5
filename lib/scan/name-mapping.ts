import type { NameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { SchemaNode } from '@/lib/parquet/schema-node'

/** The ids of a file's columns at every depth. List elements and map entries are named `element`, `key`, `value`. */
export function fieldIdsByNameMapping(root: SchemaNode, mapping: NameMapping): Map<SchemaNode, number> {
  const ids = new Map<SchemaNode, number>()
  const assign = (node: SchemaNode, name: string, fields: NameMapping): void => {
    const field = fields.find(({ names }) => names.includes(name))
    if (!field) return
    if (field.fieldId !== null) ids.set(node, field.fieldId)
    visit(node, field.fields)
  }
  const visit = (node: SchemaNode, fields: NameMapping): void => {
    const [repeated] = node.children
    const kind = node.annotation?.kind
    if (repeated?.repetition !== 'repeated' || (kind !== 'list' && kind !== 'map')) {
      for (const child of node.children) assign(child, child.name, fields)
      return
    }
    // The repeated group of a list or map is not a field itself; writers name its contents in several ways.
    const [onlyChild] = repeated.children
    if (kind === 'map') for (const child of repeated.children) assign(child, child.name, fields)
    else
      assign(
        onlyChild && repeated.children.length === 1 && !isTwoLevelElement(repeated) ? onlyChild : repeated,
        'element',
        fields,
      )
  }
  visit(root, mapping)
  return ids
}

/** Older two-level lists (parquet-format, *LogicalTypes.md*, *Backward-compatibility rules*). */
function isTwoLevelElement(repeated: SchemaNode): boolean {
  return repeated.name === 'array' || repeated.name.endsWith('_tuple')
}
