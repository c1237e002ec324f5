import type { NewTableDraft } from '@/lib/changes/new-table/new-table-draft'
import type { ColumnSource, LoadMapping } from '@/lib/ingest/load-mapping'

type Columns = Pick<NewTableDraft, 'schema'>

/**
 * Which field of a file fills which column of the table that was made from it, after its user has renamed, removed and
 * added columns.
 *
 * @param sampled the columns as the file suggested them
 * @param lostFields that no column can hold
 */
export function mappingOfDraft(sampled: Columns, made: Columns, lostFields: readonly string[]): LoadMapping {
  const fieldOf = new Map(sampled.schema.fields.map(({ id, name }) => [id, name]))
  const fieldNames = new Set(fieldOf.values())
  const columns: Record<string, ColumnSource> = {}
  for (const { id, name } of made.schema.fields) {
    const field = fieldOf.get(id)
    if (field === name) continue
    if (field !== undefined) columns[name] = { field }
    // By its name alone it would get a field that another column has, or none should have.
    else if (fieldNames.has(name)) columns[name] = { value: null }
  }
  const kept = new Set(made.schema.fields.map(({ id }) => id))
  const removed = [...fieldOf].filter(([id]) => !kept.has(id)).map(([, name]) => name)
  return { columns, ignoredFields: [...removed, ...lostFields] }
}
