/**
 * The metadata tables of a table, by the names that Spark, Trino and Flink use (`demo.flights.snapshots`,
 * `demo.flights$snapshots`). `properties` is Trino's; `statistics` and `partition_statistics` are Lakeshore's own.
 */
export const METADATA_TABLE_NAMES = [
  'all_data_files',
  'all_delete_files',
  'all_entries',
  'all_files',
  'all_manifests',
  'data_files',
  'delete_files',
  'entries',
  'files',
  'history',
  'manifests',
  'metadata_log_entries',
  'partition_statistics',
  'partitions',
  'position_deletes',
  'properties',
  'refs',
  'snapshots',
  'statistics',
] as const

export type MetadataTableName = (typeof METADATA_TABLE_NAMES)[number]

/** Tables of one snapshot. The others describe the whole table as it was at a time. */
const OF_ONE_SNAPSHOT: readonly MetadataTableName[] = [
  'data_files',
  'delete_files',
  'entries',
  'files',
  'manifests',
  'partitions',
  'position_deletes',
]

export function isMetadataTableName(name: string): name is MetadataTableName {
  return (METADATA_TABLE_NAMES as readonly string[]).includes(name)
}

export function isOfOneSnapshot(name: MetadataTableName): boolean {
  return OF_ONE_SNAPSHOT.includes(name)
}
