import 'server-only'
import { AppError } from '@/lib/errors'
import { type Change, type Database, UnexpectedChanges } from '@/server/db/database'

/**
 * Changes rows of the catalog, with what belongs to the change, in one transaction.
 *
 * @param explain throws what made the change lose, by the catalog as it is afterwards
 * @throws {AppError} commit-conflict where it cannot be explained any more
 * @throws {UnexpectedChanges} of a change alongside, by its index there
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
    throw new AppError('commit-conflict', 'The catalog changed meanwhile.', { cause: error })
  }
}
