import 'server-only'
import { selectRowsOrFail } from '../input/checked-rows'
import { openDirectInput } from './load-input'
import { NO_RECORDS } from '../stage-request'
import { StagedFiles } from './staged-files'
import { isRowError, type StagingStrategy } from './staging-strategy'

/**
 * Rows stream from the input into files, with nothing in between. It ends with the first row that does not fit or breaks
 * a rule, and has no partitions.
 */
export const streamRows: StagingStrategy = {
  way: 'streamed',

  appliesTo: ({ isPartitioned, hasUnstoredColumns, hasUniqueRules, needsRewriting }) =>
    !isPartitioned && !hasUnstoredColumns && !hasUniqueRules && !needsRewriting,

  async stage(staging) {
    const input = await openDirectInput(staging.session, staging.request)
    if (input === null) return null
    const files = new StagedFiles(staging)
    try {
      const rows = selectRowsOrFail(input, staging.checks)
      const { bytesPerRow, approximateRows } = input
      const rowsRead = await files.write(rows, { values: [], bytesPerRow, approximateRows })
      if (await input.isExact(rowsRead)) {
        staging.report({ rowsRead })
        const { fieldUse } = input
        return { files: files.list(), fieldUse, rowsRead, rowsRejected: 0, savedRecords: NO_RECORDS }
      }
      await files.discard()
      return null
    } catch (error) {
      if (isRowError(error)) return null
      throw error
    }
  },
}
