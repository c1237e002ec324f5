import 'server-only'
import { AppError } from '@/lib/errors'
import { MIGRATION_NAMES } from './migrations'

/** The prefix of the name under which a copy in progress is recorded among the migrations of its target. */
export const COPY_MARK = 'copy-under-way '

/**
 * @param applied names of the migrations that the database has
 * @throws {AppError} database-unavailable when a newer version of Lakeshore changed the database, which this version
 *   would read and write wrongly, or when a copy into it is not complete
 */
export function requireKnownMigrations(applied: ReadonlySet<string>): void {
  if ([...applied].some((name) => name.startsWith(COPY_MARK))) {
    throw new AppError(
      'database-unavailable',
      'A copy of another database into this one is not complete. Nothing was changed. Start the same `lakeshore state copy` again: it resumes where it stopped.',
    )
  }
  const unknown = [...applied].filter((name) => !MIGRATION_NAMES.includes(name))
  if (unknown.length === 0) return
  throw new AppError(
    'database-unavailable',
    `A newer version of Lakeshore has changed this database (${unknown.join(', ')}). Nothing was changed. Start that version, or restore a backup from before the upgrade.`,
  )
}
