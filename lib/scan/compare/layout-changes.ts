import { currentSchema, defaultSortOrder, defaultSpec } from '@/lib/iceberg/metadata/current-layout'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { sortOrderLabel } from '@/lib/iceberg/partitioning/sort-order'
import { specLabel } from '@/lib/iceberg/partitioning/partition-spec'

/** A difference of two default specs, default sort orders or format versions. `before` is null for an added part. */
type LayoutChange = { name: string; before: string | null; after: string | null }

/** One part of a layout. Parts with the same key and definition are the same, whatever their columns are called now. */
type LayoutPart = { key: string; name: string; text: string; definition: string }

/**
 * The differences between the format versions, default partition specs and default sort orders of two versions of a
 * table. Each version names the source columns as in its own current schema, with which its defaults are read.
 */
export function compareLayouts(before: TableMetadata, after: TableMetadata): LayoutChange[] {
  const [old, current] = [listParts(before), listParts(after)]
  const removed = [...old].filter(([key]) => !current.has(key))
  return [
    ...removed.map(([, { name, text }]) => ({ name, before: text, after: null })),
    ...[...current].flatMap(([key, { name, text, definition }]) => {
      const earlier = old.get(key)
      return earlier?.definition === definition ? [] : [{ name, before: earlier?.text ?? null, after: text }]
    }),
  ]
}

function listParts(metadata: TableMetadata): Map<string, LayoutPart> {
  const [spec, order, schema] = [defaultSpec(metadata), defaultSortOrder(metadata), currentSchema(metadata)]
  const single = (name: string, value: number) => ({ key: name, name, text: String(value), definition: String(value) })
  const parts: LayoutPart[] = [
    single('format version', metadata.formatVersion),
    single('partition spec id', spec.specId),
    ...spec.fields.map((field) => ({
      key: `partition ${field.fieldId}`,
      name: `partition field ${field.name}`,
      text: `${specLabel({ ...spec, fields: [field] }, schema)}, id ${field.fieldId}`,
      definition: JSON.stringify([field.name, field.sourceId, field.transform]),
    })),
    single('sort order id', order.orderId),
    ...order.fields.map((field, index) => ({
      key: `sort ${index}`,
      name: `sort field ${index + 1}`,
      text: `${sortOrderLabel({ ...order, fields: [{ ...field, nullOrder: impliedNullOrder(field) }] }, schema)} ${field.nullOrder.replace('-', ' ')}`,
      definition: JSON.stringify([field.sourceId, field.transform, field.direction, field.nullOrder]),
    })),
  ]
  return new Map(parts.map((part) => [part.key, part]))
}

/** The null order that labels leave out. Comparisons always name the null order. */
function impliedNullOrder({ direction }: { direction: 'asc' | 'desc' }): 'nulls-first' | 'nulls-last' {
  return direction === 'asc' ? 'nulls-first' : 'nulls-last'
}
