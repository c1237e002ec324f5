import { isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import type { MetadataTableName } from '@/lib/iceberg/metadata/metadata-table-names'
import type { TableRead } from '@/lib/query/engine'
import type { TableScan } from '@/lib/query/load/table-scan'
import { type NamedReference, relationLabel } from './relation-name'

/** Adds a table that a statement reads, beneath the views of `path`, unless it is listed. */
export function addTableRead(
  tablesRead: TableRead[],
  { identifier, asOf, metadataTable }: NamedReference & { metadataTable?: MetadataTableName },
  scan: TableScan,
  path: readonly TableIdentifier[],
): void {
  const views = path.map(relationLabel)
  const read = tablesRead.find(
    (other) =>
      isSameTable(other.identifier, identifier) &&
      other.metadataTable === metadataTable &&
      JSON.stringify([other.asOf, other.views]) === JSON.stringify([asOf, views]),
  )
  if (read) return
  const { snapshotId, committedAtMs, renamedColumns = [] } = scan
  tablesRead.push({
    identifier,
    asOf,
    snapshotId,
    committedAtMs,
    views,
    ...(metadataTable !== undefined && { metadataTable }),
    ...(renamedColumns.length > 0 && { renamedColumns }),
  })
}
