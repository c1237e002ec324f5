import 'server-only'
import type { Change } from '@/server/db/database'
import type { RestSession } from './http/session'

/**
 * Writes what belongs to a change of the catalog into our own database, after the catalog acknowledged it. The change
 * stands whatever happens here: to report it as failed would be to invite doing it twice, so a failure is logged.
 */
export async function recordAlongside(
  { name, log, writeAlongside }: RestSession,
  buildChanges: () => readonly Change[] | null | undefined,
): Promise<void> {
  try {
    const changes = buildChanges() ?? []
    if (changes.length > 0) await writeAlongside(changes)
  } catch (error) {
    log.error(error, { doing: 'writing what belongs to a change that a remote catalog acknowledged', catalog: name })
  }
}
