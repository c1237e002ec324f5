import 'server-only'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type Actor, permittedResources } from '@/server/auth/actor'
import { readRecordedWriters } from '@/server/db/catalog/snapshot-writers'
import type { Database } from '@/server/db/database'
import { snapshotWriter } from './summary-counts'

/** The writer of a snapshot as pages name it; null if neither its summary nor the audit knows one. */
export type WriterOf = (snapshot: Snapshot) => string | null

/**
 * The writers of snapshots: the user that the audit recorded, with the engine that the summary names, or else with the
 * client of the request (`ann · spark 3.5.7`); the engine alone where the audit has no user. As in the history of a
 * table, all readers of the table see them.
 */
export async function readSnapshotWriters(
  database: Database,
  tables: readonly Pick<TableMetadata, 'tableUuid' | 'snapshots'>[],
  actor: Actor,
): Promise<WriterOf> {
  const snapshots = tables.flatMap(({ tableUuid, snapshots: ofTable }) =>
    ofTable.map((snapshot) => ({ tableUuid, snapshot })),
  )
  const recorded = await readRecordedWriters(
    database,
    snapshots.map(({ tableUuid, snapshot: { snapshotId } }) => ({ tableUuid, snapshotId })),
    permittedResources(actor, 'table:read'),
  )
  const texts = new Map(
    snapshots.flatMap(({ snapshot }, i) => {
      const writer = recorded[i]
      return writer
        ? [[snapshot, [writer.username, snapshotWriter(snapshot) ?? writer.client ?? []].flat().join(' · ')]]
        : []
    }),
  )
  return (snapshot) => texts.get(snapshot) ?? snapshotWriter(snapshot)
}
