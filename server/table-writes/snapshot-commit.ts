import 'server-only'
import { type DataFileSizes, insertFileSizes } from '@/server/db/catalog/data-file-sizes'
import type { RunApproval } from '@/server/policy/approved-runs'
import type { ObjectStore } from '@/server/storage/object-store'
import type { OperationRequest } from '@/server/table/commit/run-operation'
import type { SnapshotJournal } from './snapshot-journal'
import type { TableWrite } from './table-write'

type WrittenSizes = { location: string; sizes: DataFileSizes }

/**
 * How a table write commits a snapshot with `runOperation`: the journal names each metadata file before it is written,
 * and records from the manifest list on that the commit may have been sent. Before that it asks whether the user may still
 * do this. The success of the run and the sizes of its
 * files are in the transaction of the commit.
 *
 * The journal has to name the snapshot and the outcome already.
 */
export function snapshotCommit(
  write: TableWrite<SnapshotJournal>,
  {
    store,
    tableUuid,
    sizes,
    approval,
  }: {
    store: ObjectStore
    tableUuid: string
    sizes: readonly WrittenSizes[]
    approval: RunApproval
  },
): Omit<OperationRequest, 'auditAction'> & { snapshotId: string } {
  const { journal, catalog, run, actor, signal } = write
  if (journal.snapshotId === null) throw new Error('the journal names no snapshot')
  return {
    catalog,
    store,
    identifier: run.table,
    snapshotId: journal.snapshotId,
    beforeWrite: async (location, kind) => {
      if (kind === 'manifest list') await write.requirePermitted()
      journal.locations.push(location)
      journal.mayBeSent ||= kind === 'manifest list'
      await write.save()
    },
    alongside: () => [
      // A remote catalog has made the change already.
      ...(catalog.kind === 'embedded' ? approval.guards : []),
      ...sizes.map((file) => insertFileSizes(tableUuid, file.location, file.sizes)),
      ...write.successChanges(),
    ],
    proposal: approval.proposal,
    actor,
    signal,
  }
}
