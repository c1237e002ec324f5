/** Where the console shows what a metadata table has. */
type ShownIn = 'Snapshots' | 'Files' | 'History'

/** Metadata tables of Spark, Trino and Flink (`demo.flights.snapshots`, `demo.flights$snapshots`). */
const METADATA_TABLES: Readonly<Record<string, ShownIn>> = {
  all_data_files: 'Files',
  all_delete_files: 'Files',
  all_entries: 'Files',
  all_files: 'Files',
  all_manifests: 'Files',
  data_files: 'Files',
  delete_files: 'Files',
  entries: 'Files',
  files: 'Files',
  history: 'Snapshots',
  manifests: 'Files',
  metadata_log_entries: 'History',
  partitions: 'Files',
  position_deletes: 'Files',
  refs: 'Snapshots',
  snapshots: 'Snapshots',
}

/**
 * The metadata table that a name refers to: its kind, the name of the table it describes, and the tab that shows the
 * same; null for any other name.
 */
export function parseMetadataTable(
  parts: readonly string[],
): { kind: string; table: readonly string[]; tab: ShownIn } | null {
  const last = parts.at(-1) ?? ''
  const dollar = last.lastIndexOf('$')
  const kind = (dollar > 0 ? last.slice(dollar + 1) : last).toLowerCase()
  const tab = Object.hasOwn(METADATA_TABLES, kind) ? METADATA_TABLES[kind] : undefined
  const table = dollar > 0 ? [...parts.slice(0, -1), last.slice(0, dollar)] : parts.slice(0, -1)
  return tab === undefined || table.length < 2 ? null : { kind, table, tab }
}
