import 'server-only'
import { branchTip } from '@/lib/iceberg/operations/snapshot-producer'
import { formatQuantity } from '@/lib/format/count'
import { dataFileStem } from '@/server/data-files/write/data-file-name'
import { readDeleteFilter } from '@/server/table-writes/rows/delete-filter'
import { readFilteredFiles } from '@/server/table-writes/rows/filtered-files'
import { matchingRowsOperation, removeMatchingRows } from '@/server/table-writes/rows/remove-matching-rows'
import { readWriteMode } from '@/server/table-writes/rows/write-mode'
import { clock } from '@/server/timing/clock'
import type { LandingStrategy } from './landing'
import { snapshotSource } from './snapshot-source'

/**
 * Replaces the rows that match a filter, also when there are no new rows. Every new row matches it: the others were
 * rejected when they were staged. The old rows are removed as a deletion by the filter removes them.
 *
 * As the reference implementation's `OverwriteFiles` with `overwriteByRowFilter` and
 * `validateAddedFilesMatchOverwriteFilter`, which removes only whole files. Rows that may match, and that another writer
 * has added since the load began, make it fail: they would be lost without anybody having seen them.
 */
export const replaceWhere: LandingStrategy = {
  landsWithoutRows: true,
  onConflict: 'fail',
  async begin({ start, branch, where, files, summary, folder, journal, log, reportMatching, signal }) {
    if (where === null) throw new Error('the load has no filter')
    const startingSnapshotId = branchTip(start.metadata, branch)?.snapshotId ?? null
    return {
      files,
      supersededRowCount: null,
      async plan(current) {
        const { metadata, store } = current
        const { predicate, text } = readDeleteFilter(where, metadata)
        const source = { ...snapshotSource(store, signal), signal }
        const found = await readFilteredFiles(current, { branch, predicate, text }, source)
        const mode = readWriteMode(metadata, ['write.delete.mode'])
        let rowsRead = 0
        const removal = await removeMatchingRows(found, {
          table: current,
          mode,
          folder,
          fileStem: dataFileStem(current.identifier.table, clock.nowMs()),
          journal,
          warn: log,
          onRead: ({ file }) => {
            rowsRead += file.recordCount
            reportMatching({ rows: rowsRead })
          },
          signal,
        })
        const operation = matchingRowsOperation({ ...found, startingSnapshotId }, removal, {
          added: files.map(({ dataFile }) => dataFile),
          mode,
          isolation: 'serializable',
          summary,
        })
        if (operation === null) return null
        log(`${formatQuantity(removal.counts.rowsDeleted, 'row')} removed that match ${text}.`)
        return {
          operation,
          ownLocations: removal.removed.added.map(({ filePath }) => filePath),
          rewrittenSizes: removal.removed.sizes,
          counts: null,
        }
      },
      close: () => {},
    }
  },
}
