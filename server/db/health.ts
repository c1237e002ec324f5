import 'server-only'
import type { Database } from './database'
import { MIGRATION_NAMES } from './migrations'
import { change, query } from './statement'

/** Writes one row, durably: whether the database takes writes now. */
export async function probeWrite(database: Database): Promise<void> {
  const probe = change(
    ({ db, nowMs }) =>
      db
        .insertInto('write_probe')
        .values({ id: 1, at_ms: nowMs })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(({ ref }) => ({ at_ms: ref('excluded.at_ms') }))),
    { expectedRows: 1 },
  )
  await database.commit([probe])
}

/** Names of the migrations that this version has and the database lacks. */
export async function missingMigrations(database: Database): Promise<string[]> {
  const applied = await database.read(APPLIED)
  const names = new Set(applied.map(({ name }) => name))
  return MIGRATION_NAMES.filter((name) => !names.has(name))
}

const APPLIED = query(({ db }) => db.selectFrom('lakeshore_migrations').select('name'))
