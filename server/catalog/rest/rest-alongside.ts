import 'server-only'
import type { Statement } from '@/server/db/database'
import { logError } from '@/server/log'
import type { RestSession } from './rest-session'

/**
 * Writes what belongs to a change of the catalog into our own database, after the catalog acknowledged it. The change
 * stands whatever happens here: to report it as failed would be to invite doing it twice, so a failure is logged.
 */
export async function written(
  { name, writeAlongside }: RestSession,
  statementsOf: () => readonly Statement[] | null | undefined,
): Promise<void> {
  try {
    const statements = statementsOf() ?? []
    if (statements.length > 0) await writeAlongside(statements)
  } catch (error) {
    logError(error, { doing: 'writing what belongs to a change that a remote catalog acknowledged', catalog: name })
  }
}
