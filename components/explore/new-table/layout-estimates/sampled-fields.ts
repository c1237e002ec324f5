import type { NewTableDraft } from '@/lib/changes/new-table/new-table-draft'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { SampledField } from '@/lib/ingest/sample/sampled-values'
import type { SampledRows } from '../sample-column'

/** The fields of a partition spec or a sort order whose columns come from the file. */
export function sampledFields(
  { paths }: SampledRows,
  { schema }: NewTableDraft,
  fields: readonly { sourceId: number; transform: string }[],
): SampledField[] {
  const columns = indexFields(schema)
  return fields.flatMap(({ sourceId, transform }) => {
    const type = columns.get(sourceId)?.field.type
    const path = paths.get(sourceId)
    return path === undefined || typeof type !== 'string' ? [] : [{ path, type, transform }]
  })
}
