import 'server-only'
import type { InlineProblem } from '@/lib/contract/shapes/inline-problem'
import { AppError } from '@/lib/errors'
import type { LoadedTable } from './port/loaded-table'

/** Why the files of a loaded table may not or cannot be read; null if they can. */
export function findReadProblem({ requireReadable }: Pick<LoadedTable, 'requireReadable'>): InlineProblem | null {
  try {
    requireReadable?.()
    return null
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, detail: error.message }
    throw error
  }
}

/**
 * For rows that are computed from the metadata of a table alone. A table of a format version whose files Lakeshore
 * cannot read has them. One whose reads are restricted does not: the result of a query is stored, and the rows of a time
 * before the restriction may have values of partitions.
 *
 * @throws {AppError} read-restricted
 */
export function requireReadableMetadata({ requireReadable }: Pick<LoadedTable, 'requireReadable'>): void {
  try {
    requireReadable?.()
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'format-unsupported') throw error
  }
}
