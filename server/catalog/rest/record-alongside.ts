import 'server-only'
import type { Change } from '@/server/db/database'
import type { RestSession } from './http/session'

/**
 * Writes the rows that belong to a change into our own database, after the catalog acknowledged the change. The change
 * is made whatever happens here, so a failure is only logged: reporting the change as failed would invite a second
 * attempt.
 */
export async function recordAlongside(
  { name, log, writeAlongside }: RestSession,
  buildChanges: () => readonly Change[] | null | undefined,
): Promise<void> {
  try {
    const changes = buildChanges() ?? []
    if (changes.length > 0) await writeAlongside(changes)
  } catch (error) {
    log.error(error, { doing: 'recording a change that a remote catalog acknowledged', catalog: name })
  }
}
