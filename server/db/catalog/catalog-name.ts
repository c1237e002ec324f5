import 'server-only'
import type { Database } from '../database'
import { change, query } from '../statement'

/**
 * Settles the name of the embedded catalog when many processes share one database: the first process decides. If
 * another program has already created tables under one name, that name wins.
 *
 * @param name the catalog's name in this process
 * @returns the name for all processes; `name` is stored when none was settled before
 */
export async function settleCatalogName(database: Database, name: string): Promise<string> {
  const settled = await readCatalogName(database)
  if (settled !== null) return settled
  const edgeRows = await Promise.all(EDGE_NAMES.map((edge) => database.read(edge)))
  const usedNames = new Set(edgeRows.flatMap(([row]) => row?.name ?? []))
  const [onlyName] = usedNames
  if (onlyName !== undefined && usedNames.size === 1 && onlyName !== name) return onlyName
  await database.commit([
    change(({ db }) =>
      db
        .insertInto('catalog_name')
        .values({ id: 1, name })
        .onConflict((conflict) => conflict.doNothing()),
    ),
  ])
  return (await readCatalogName(database)) ?? name
}

async function readCatalogName(database: Database): Promise<string | null> {
  const [row] = await database.read(CATALOG_NAME)
  return row?.name ?? null
}

const CATALOG_NAME = query(({ db }) => db.selectFrom('catalog_name').select('name').where('id', '=', 1))

/** The least and the greatest name come from the keys of the tables, so the cost does not grow with the tables. */
const EDGE_NAMES = (['iceberg_tables', 'iceberg_namespace_properties'] as const).flatMap((table) => [
  query(({ db }) => db.selectFrom(table).select(({ fn }) => fn.min<string | null>('catalog_name').as('name'))),
  query(({ db }) => db.selectFrom(table).select(({ fn }) => fn.max<string | null>('catalog_name').as('name'))),
])
