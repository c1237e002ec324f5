/** Properties that say where the rows of a clone are from. */
export const CLONED_FROM = {
  table: 'lakeshore.cloned-from.table',
  tableUuid: 'lakeshore.cloned-from.table-uuid',
  snapshotId: 'lakeshore.cloned-from.snapshot-id',
  at: 'lakeshore.cloned-from.at',
} as const
