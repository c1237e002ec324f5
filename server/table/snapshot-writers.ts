import 'server-only'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type Actor, permittedResources } from '@/server/auth/actor'
import { readRecordedWriters } from '@/server/db/catalog/snapshot-writers'
import type { Database } from '@/server/db/database'
import { snapshotWriter } from './summary-counts'

/** The writer of a snapshot as pages name it; null if neither its summary nor the audit knows one. */
export type WriterOf = (snapshot: Snapshot) => string | null

/**
 * The writers of snapshots: the engine that the summary names, otherwise the user that the audit recorded, with the
 * client. As in the history of a table, all readers of the table see them.
 */
export async function readSnapshotWriters(
  database: Database,
  tables: readonly Pick<TableMetadata, 'tableUuid' | 'snapshots'>[],
  actor: Actor,
): Promise<WriterOf> {
  const unnamed = tables.flatMap(({ tableUuid, snapshots }) =>
    snapshots.filter((snapshot) => snapshotWriter(snapshot) === null).map((snapshot) => ({ tableUuid, snapshot })),
  )
  const recorded = await readRecordedWriters(
    database,
    unnamed.map(({ tableUuid, snapshot: { snapshotId } }) => ({ tableUuid, snapshotId })),
    permittedResources(actor, 'table:read'),
  )
  const texts = new Map(
    unnamed.flatMap(({ snapshot }, i) => {
      const writer = recorded[i]
      return writer ? [[snapshot, [writer.username, writer.client ?? []].flat().join(' · ')]] : []
    }),
  )
  return (snapshot) => snapshotWriter(snapshot) ?? texts.get(snapshot) ?? null
}
