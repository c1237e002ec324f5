import 'server-only'
import type { Database } from './database'
import { change, query } from './statement'

/** Settings that all processes on one database share, by the name under which the database stores them. */
export type SharedSettings = Readonly<Record<string, string>>

/**
 * Stores the settings that the database does not know yet. If many processes start at once, the first one settles all
 * of its settings, so that settings of two processes never mix.
 *
 * @returns the settings for every process from now on, for each name in `settings`
 */
export async function settleSharedSettings(database: Database, settings: SharedSettings): Promise<SharedSettings> {
  const settled = await readSharedSettings(database)
  if (Object.keys(settings).every((name) => Object.hasOwn(settled, name))) return settled
  const rows = toRows(settings)
  await database.commit([
    change(({ db }) =>
      db
        .insertInto('shared_settings')
        .values(rows)
        .onConflict((conflict) => conflict.doNothing()),
    ),
  ])
  return readSharedSettings(database)
}

/** Replaces the settings that the database knows. */
export async function replaceSharedSettings(database: Database, settings: SharedSettings): Promise<void> {
  const rows = toRows(settings)
  await database.commit([
    change(({ db }) =>
      db
        .insertInto('shared_settings')
        .values(rows)
        .onConflict((conflict) => conflict.column('name').doUpdateSet(({ ref }) => ({ value: ref('excluded.value') }))),
    ),
  ])
}

export async function readSharedSettings(database: Database): Promise<SharedSettings> {
  const rows = await database.read(ALL_SETTINGS)
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]))
}

/** Sorted, so that two processes that write the same rows never deadlock. */
function toRows(settings: SharedSettings): { name: string; value: string }[] {
  const rows = Object.entries(settings).map(([name, value]) => ({ name, value }))
  return rows.sort((one, other) => (one.name < other.name ? -1 : 1))
}

const ALL_SETTINGS = query(({ db }) => db.selectFrom('shared_settings').select(['name', 'value']))
