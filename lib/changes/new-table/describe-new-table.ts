import { formatQuantity } from '@/lib/format/count'
import { specLabel } from '../../iceberg/partitioning/partition-spec'
import { sortOrderLabel } from '../../iceberg/partitioning/sort-order'
import { ABOUT_KEYS } from '../../iceberg/properties/about'
import { indexFields } from '../../iceberg/schema/schema'
import { DESCRIPTION_PROPERTY, type NewTableDraft } from './new-table-draft'

/** A summary of a new table, with a line for each part of it. */
export type NewTableLine = { title: string; detail: string | null }

/** @param addedProperties those that the catalog sets although the draft does not */
export function newTableLines(
  label: string,
  draft: NewTableDraft,
  addedProperties: Readonly<Record<string, string>> = {},
): NewTableLine[] {
  const { schema, partitionFields, sortFields, properties, formatVersion } = draft
  const fields = indexFields(schema)
  const innerCount = fields.size - schema.fields.length
  const identifiers = schema.identifierFieldIds.map((id) => fields.get(id)?.path.join('.') ?? String(id))
  const spec = specLabel({ specId: 0, fields: partitionFields.map((field) => ({ ...field, fieldId: 0 })) }, schema)
  const order = sortOrderLabel({ orderId: 1, fields: sortFields }, schema)
  const { [DESCRIPTION_PROPERTY]: description, [ABOUT_KEYS.owner]: owner, ...others } = properties
  const about = [...(description === undefined ? [] : ['description']), ...(owner === undefined ? [] : ['owner'])]
  const keys = Object.keys(others)
  const added = Object.entries(addedProperties)
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
    // The form has fields for them, and does not count them among its properties.
    ...(about.length === 0 ? [] : [{ title: `Set the ${about.join(' and the ')}`, detail: null }]),
    ...(keys.length === 0
      ? []
      : [{ title: `Set ${formatQuantity(keys.length, 'property', 'properties')}`, detail: keys.join(', ') }]),
    ...(added.length === 0
      ? []
      : [
          {
            title: `${formatQuantity(added.length, 'property', 'properties')} set by the catalog`,
            detail: added.map(([key, value]) => `${key} = ${value}`).join(', '),
          },
        ]),
  ]
}
