import 'server-only'

/** A change of our own tables, for both databases. */
export type Migration = { name: string; sqlite: readonly string[]; postgres: readonly string[] }

/** The name of the first migration, which creates the tables. A database without it has no tables of this version. */
export const BASELINE_NAME = 'baseline'

/**
 * The migrations after the baseline, in order. Each is applied once, identified by its name, and never edited after
 * that: a new one at the end changes what it created.
 */
export const MIGRATIONS: readonly Migration[] = []

/** In order, with the baseline. */
export function migrationNames(migrations: readonly Migration[] = MIGRATIONS): readonly string[] {
  return [BASELINE_NAME, ...migrations.map(({ name }) => name)]
}
