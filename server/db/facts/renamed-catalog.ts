import 'server-only'
import { LEVEL_SEPARATOR } from '@/lib/names/identifiers'
import type { Change } from '../database'
import { change } from '../statement'

/** The history of a catalog stays with it when its connection is renamed or removed. */

/**
 * The rows that give the history of a catalog to another name. Readings that are under way fail, and are repeated under
 * that name.
 */
export function renamedFactCatalogChanges(from: string, to: string): Change[] {
  if (from === to) return []
  return [
    change(({ db }) =>
      db
        .updateTable('fact_tables')
        .set((eb) => ({ catalog: to, revision: eb('revision', '+', 1) }))
        .where('catalog', '=', from),
    ),
    change(({ db }) =>
      db
        .updateTable('fact_storage')
        .set((eb) => ({ revision: eb('revision', '+', 1) }))
        .where('table_id', 'in', db.selectFrom('fact_tables').select('id').where('catalog', '=', to)),
    ),
    change(({ db }) => db.updateTable('fact_lake_hours').set({ catalog: to }).where('catalog', '=', from)),
    change(({ db }) => db.updateTable('fact_lake_days').set({ catalog: to }).where('catalog', '=', from)),
    change(({ db }) => db.updateTable('fact_lake_size_days').set({ catalog: to }).where('catalog', '=', from)),
    change(({ db }) => db.updateTable('fact_lake_part_days').set({ catalog: to }).where('catalog', '=', from)),
    change(({ db }) => db.deleteFrom('fact_catalogs').where('catalog', '=', from)),
  ]
}

/**
 * The history of a removed connection stays under a name that no catalog can have. Another connection of the old name is
 * another catalog.
 */
export function removedFactCatalogChanges(name: string, connectionId: string): Change[] {
  return renamedFactCatalogChanges(name, `${LEVEL_SEPARATOR}${connectionId}`)
}

export function isRemovedCatalog(name: string): boolean {
  return name.startsWith(LEVEL_SEPARATOR)
}
