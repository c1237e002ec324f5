import { formatQuantity } from '@/lib/format/count'
import { specLabel } from '../../iceberg/partitioning/partition-spec'
import { sortOrderLabel } from '../../iceberg/partitioning/sort-order'
import { indexFields } from '../../iceberg/schema/schema'
import type { NewTableDraft } from './new-table-draft'

/** A summary of a new table, with a line for each part of it. */
export type NewTableLine = { title: string; detail: string | null }

export function newTableLines(label: string, draft: NewTableDraft): NewTableLine[] {
  const { schema, partitionFields, sortFields, properties, formatVersion } = draft
  const fields = indexFields(schema)
  const innerCount = fields.size - schema.fields.length
  const identifiers = schema.identifierFieldIds.map((id) => fields.get(id)?.path.join('.') ?? String(id))
  const spec = specLabel({ specId: 0, fields: partitionFields.map((field) => ({ ...field, fieldId: 0 })) }, schema)
  const order = sortOrderLabel({ orderId: 1, fields: sortFields }, schema)
  const keys = Object.keys(properties)
  return [
    { title: `Create ${label}, format version ${formatVersion}`, detail: null },
    {
      title: `${formatQuantity(schema.fields.length, 'column')}${identifiers.length === 0 ? '' : `, identifier ${identifiers.join(', ')}`}`,
      detail: innerCount === 0 ? null : `and ${formatQuantity(innerCount, 'field')} within them`,
    },
    {
      title: spec === '' ? 'Not partitioned' : `Partition by ${spec}`,
      detail: order === '' ? 'not sorted' : `sort by ${order}`,
    },
    ...(keys.length === 0
      ? []
      : [{ title: `Set ${formatQuantity(keys.length, 'property', 'properties')}`, detail: keys.join(', ') }]),
  ]
}
