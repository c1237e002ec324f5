import 'server-only'
import type { AppError } from '@/lib/errors'
import { type Change, type Database, UnexpectedChanges } from './database'

/** Commits the changes. @returns false if one of them found another number of rows than it expected, so none was made */
export async function tryCommit(database: Database, changes: readonly Change[]): Promise<boolean> {
  try {
    await database.commit(changes)
    return true
  } catch (error) {
    if (error instanceof UnexpectedChanges) return false
    throw error
  }
}

/**
 * Commits the changes. If the first one does not find its row, nothing changes and `refusal` is thrown.
 *
 * @returns how many rows each change changed
 */
export async function commitOrThrow(
  database: Database,
  changes: readonly Change[],
  refusal: () => AppError | Promise<AppError>,
): Promise<readonly number[]> {
  try {
    return await database.commit(changes)
  } catch (error) {
    if (error instanceof UnexpectedChanges && error.index === 0) throw await refusal()
    throw error
  }
}
