import type { TableIdentifier } from '@/lib/names/identifiers'
import type { MetadataTableName } from '@/lib/iceberg/metadata/metadata-table-names'
import { parseMetadataTable } from '@/lib/query/tables/metadata-table'
import type { NamedReference } from './relation-name'

/** The metadata table that a name may refer to, and the table that it describes. */
export type MetadataTableRead = { identifier: TableIdentifier; name: MetadataTableName; hasDollar: boolean }

/** As {@link parseMetadataTable}, in the catalog that the name was resolved to. */
export function toMetadataTable({ identifier }: Pick<NamedReference, 'identifier'>): MetadataTableRead | null {
  const { catalog, namespace, table } = identifier
  const parsed = parseMetadataTable([...namespace, table])
  if (parsed === null) return null
  const { name, hasDollar } = parsed
  return {
    identifier: { catalog, namespace: parsed.table.slice(0, -1), table: parsed.table.at(-1) ?? '' },
    name,
    hasDollar,
  }
}
