import 'server-only'
import type { Change, Database } from '../database'
import { change, query } from '../statement'

/** A catalog that was read completely. `source` identifies the connection at the time, and its credentials. */
export type IndexedCatalog = { catalog: string; source: string; crawledAtMs: number; isTruncated: boolean }

/** Whether it was read from this connection, as the same reader. Its settings may have changed since. */
export function isIndexOf(indexed: IndexedCatalog, source: string): boolean {
  return indexed.source.split(' ')[0] === source.split(' ')[0]
}

const OBJECTS_PER_COMMIT = 50

export async function readIndexedCatalogs(database: Database): Promise<IndexedCatalog[]> {
  const rows = await database.read(ALL_CATALOGS)
  return rows.map((row) => ({
    catalog: row.catalog,
    source: row.source,
    crawledAtMs: row.crawled_at_ms,
    isTruncated: row.is_cut === 1,
  }))
}

const ALL_CATALOGS = query(({ db }) => db.selectFrom('search_catalogs').selectAll().orderBy('catalog'))

export function indexedCatalogChange({ catalog, source, isTruncated }: Omit<IndexedCatalog, 'crawledAtMs'>): Change {
  return change(({ db, nowMs }) => {
    const facts = { source, is_cut: isTruncated ? 1 : 0, crawled_at_ms: nowMs }
    return db
      .insertInto('search_catalogs')
      .values({ catalog, ...facts })
      .onConflict((conflict) => conflict.column('catalog').doUpdateSet(facts))
  })
}

/** Removes everything of a catalog, some objects at a time, so that no commit waits long. */
export async function removeIndexedCatalog(database: Database, catalog: string): Promise<void> {
  await database.commit([change(({ db }) => db.deleteFrom('search_pending').where('catalog', '=', catalog))])
  for (;;) {
    const [removed] = await database.commit([
      change(({ db }) =>
        db
          .deleteFrom('search_objects')
          .where('id', 'in', (eb) =>
            eb.selectFrom('search_objects').select('id').where('catalog', '=', catalog).limit(OBJECTS_PER_COMMIT),
          ),
      ),
    ])
    if (removed === 0) break
  }
  await database.commit([change(({ db }) => db.deleteFrom('search_catalogs').where('catalog', '=', catalog))])
}
