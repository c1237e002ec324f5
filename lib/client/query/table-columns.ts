import type { TableIdentifier } from '@/lib/names/identifiers'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import { METADATA_FIELDS } from '@/lib/scan/read/metadata-columns'
import { loadQuerySession } from './query-run'

/**
 * The columns of a table or a view as it is now, under the names that queries use, without the columns that every table
 * has.
 */
export async function readTableColumns(
  identifier: TableIdentifier,
  signal: AbortSignal,
): Promise<readonly { name: string; typeLabel: string }[]> {
  const fields = await (await loadQuerySession()).readFields(identifier, {}, signal)
  return fields
    .filter((field) => !METADATA_FIELDS.includes(field))
    .map(({ name, type }) => ({ name, typeLabel: typeLabel(type) }))
}
