import type { NewTableDraft } from '@/lib/changes/new-table/new-table-draft'
import { indexFields } from '@/lib/iceberg/schema/schema'
import { formatPercent } from '@/lib/format/percent'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { TypeSample } from '@/lib/ingest/infer-type'

/** The sample of a field: its first value and the share of nulls, as text. */
export type FieldSample = { field: Pick<NestedField, 'id' | 'type'>; sample: TypeSample; text: string }

/**
 * The samples of fields and of those within them, by the ids that they have in a draft.
 *
 * @param parentCount number of rows or objects, in each of which a field may be missing
 */
export function listFieldSamples(
  fields: readonly NestedField[],
  samples: ReadonlyMap<string, TypeSample>,
  parentCount: number,
): FieldSample[] {
  return fields.flatMap((field) => {
    const sample = samples.get(field.name)
    if (!sample) return []
    const missingCount = parentCount - sample.valueCount
    return samplesWithin(field, sample, missingCount > 0 ? `${formatPercent(missingCount / parentCount)} null` : null)
  })
}

function samplesWithin(
  { id, type }: Pick<NestedField, 'id' | 'type'>,
  sample: TypeSample,
  nulls: string | null,
): FieldSample[] {
  const own = {
    field: { id, type },
    sample,
    text: [sample.example, nulls].filter((part) => part !== null).join(', '),
  }
  if (typeof type === 'string') return [own]
  if (type.type === 'struct') return [own, ...listFieldSamples(type.fields, sample.members, sample.valueCount)]
  // Null items are not null rows, so their share is not shown.
  if (type.type === 'list' && sample.element)
    return [own, ...samplesWithin({ id: type.elementId, type: type.element }, sample.element, null)]
  return [own]
}

/** The names that lead to the fields of a draft in the file, by their ids. */
export function pathsById({ schema }: NewTableDraft): ReadonlyMap<number, readonly string[]> {
  return new Map(Array.from(indexFields(schema), ([id, { path }]) => [id, path]))
}
