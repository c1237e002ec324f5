import 'server-only'
import { AppError } from '@/lib/errors'
import { type Change, type Database, UnexpectedChanges } from '@/server/db/database'

/**
 * Changes rows of the catalog, together with the rows that belong to the change, in one transaction.
 *
 * @param explain reads the catalog again and throws the reason why the change failed
 * @throws {AppError} commit-conflict when `explain` finds no reason
 * @throws {UnexpectedChanges} when a change of `alongside` fails, with its index there
 */
export async function changeRows(
  database: Database,
  changes: readonly Change[],
  alongside: readonly Change[] = [],
  explain: () => Promise<void>,
): Promise<void> {
  try {
    await database.commit([...changes, ...alongside])
  } catch (error) {
    if (!(error instanceof UnexpectedChanges)) throw error
    if (error.index >= changes.length) throw new UnexpectedChanges(error.index - changes.length, error.changes)
    await explain()
    throw new AppError('commit-conflict', 'Another change to the catalog came first. Nothing was changed; try again.', {
      cause: error,
    })
  }
}
