import 'server-only'
import { AppError } from '@/lib/errors'
import { type Database, type Statement, UnexpectedChanges } from '@/server/db/database'

/**
 * Changes rows of the catalog, with what belongs to the change, in one transaction.
 *
 * @param explain throws what made the change lose, by the catalog as it is afterwards
 * @throws {AppError} commit-conflict where it cannot be explained any more
 * @throws {UnexpectedChanges} of a statement alongside, by its index there
 */
export async function changeRows(
  database: Database,
  statements: readonly Statement[],
  alongside: readonly Statement[] = [],
  explain: () => void,
): Promise<void> {
  try {
    await database.transact([...statements, ...alongside])
  } catch (error) {
    if (!(error instanceof UnexpectedChanges)) throw error
    if (error.index >= statements.length) throw new UnexpectedChanges(error.index - statements.length, error.changes)
    explain()
    throw new AppError('commit-conflict', 'The catalog changed meanwhile.', { cause: error })
  }
}
