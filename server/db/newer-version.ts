import 'server-only'
import { AppError } from '@/lib/errors'
import { MIGRATION_NAMES } from './migrations'

/**
 * @param applied names of the migrations that the database has
 * @throws {AppError} database-unavailable when a newer version of Lakeshore changed the database: this one would read
 *   and write it wrongly
 */
export function requireKnownMigrations(applied: ReadonlySet<string>): void {
  const unknown = [...applied].filter((name) => !MIGRATION_NAMES.includes(name))
  if (unknown.length === 0) return
  throw new AppError(
    'database-unavailable',
    `A newer version of Lakeshore has changed this database (${unknown.join(', ')}). Start that version, or restore a backup from before the upgrade. Nothing was changed.`,
  )
}
