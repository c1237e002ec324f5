import 'server-only'
import { AppError } from '@/lib/errors'
import { lakeshoreCommands } from '@/lib/names/lakeshore-commands'
import { BASELINE_NAME, migrationNames } from './migrations'

/** The prefix of the name under which a copy in progress is recorded among the migrations of its target. */
export const COPY_MARK = 'copy-under-way '

/**
 * @param applied names of the migrations that the database has
 * @param known those of this version
 * @throws {AppError} database-unavailable when a newer version of Lakeshore or a build from before the baseline wrote
 * the database, which this version would read and write wrongly, or when a copy into it is incomplete
 */
export function requireKnownMigrations(
  applied: ReadonlySet<string>,
  known: readonly string[] = migrationNames(),
): void {
  if ([...applied].some((name) => name.startsWith(COPY_MARK))) {
    throw new AppError(
      'database-unavailable',
      `A copy of another database into this one is not complete. Nothing was changed. Start it again as before (${lakeshoreCommands.copyState()}): it resumes where it stopped.`,
    )
  }
  if (applied.size > 0 && !applied.has(BASELINE_NAME)) {
    throw new AppError(
      'database-unavailable',
      'A build of Lakeshore from before 0.1.0 created this database, and no release reads it. Nothing was changed. Start with a new home on the same warehouse and register the current metadata file of each table, which `SELECT table_namespace, table_name, metadata_location FROM iceberg_tables` lists in the old database (docs/operations.md, A home of an earlier build).',
    )
  }
  const unknown = [...applied].filter((name) => !known.includes(name))
  if (unknown.length === 0) return
  throw new AppError(
    'database-unavailable',
    `A newer version of Lakeshore has changed this database (${unknown.join(', ')}). Nothing was changed. Start that version, or restore a backup from before the upgrade.`,
  )
}
