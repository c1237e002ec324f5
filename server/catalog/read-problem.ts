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
