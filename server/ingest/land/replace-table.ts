import 'server-only'
import { requireNoCommits } from '@/lib/iceberg/operations/conflicts'
import { ALL_ROWS, type SnapshotOperation } from '@/lib/iceberg/operations/operation'
import { overwriteOperation } from '@/lib/iceberg/operations/overwrite'
import { branchTip } from '@/lib/iceberg/operations/snapshot-producer'
import { type LandingStrategy, NO_OWN_FILES } from './landing'

/**
 * Removes all files of the branch, also when there are no new rows. Another commit since the load began makes it fail,
 * because its rows would be lost without anybody having seen them.
 *
 * As the reference implementation's `OverwriteFiles` with a filter that is always true, in Spark an `INSERT OVERWRITE`
 * in static mode.
 */
export const replaceTable: LandingStrategy = {
  landsWithoutRows: true,
  onConflict: 'fail',
  async begin({ start, branch, files, schema: { schemaId }, summary }) {
    const tip = branchTip(start.metadata, branch)
    const operation: SnapshotOperation = {
      ...overwriteOperation({
        added: files.map(({ dataFile }) => dataFile),
        where: ALL_ROWS,
        validation: null,
        summary,
      }),
      schemaId,
      validate: async (base) => requireNoCommits(base, tip?.snapshotId ?? null),
    }
    return {
      files,
      supersededRowCount: null,
      plan: async () => (tip === null && files.length === 0 ? null : { operation, ...NO_OWN_FILES, counts: null }),
      close: () => {},
    }
  },
}
