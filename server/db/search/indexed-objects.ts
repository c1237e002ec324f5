import 'server-only'
import { joinNamespace, type Namespace, namespaceLabel, splitNamespace } from '@/lib/names/identifiers'
import { KINDS_BY_BEGINNING, type ObjectKind } from '@/lib/search/entry-kinds'
import { foldText } from '@/lib/search/fold-text'
import type { FoundEntry } from '@/lib/search/found-entries'
import { withPairs } from '@/lib/search/text-parts'
import { type Change, type Database } from '../database'
import { change, type Dialect, query } from '../statement'
import type { Tables } from '../tables'
import { keyOf, removePendingObject, type SearchObjectName } from './pending-objects'

/** Objects as search finds them, and their entries. */

export type IndexedObject = {
  kind: ObjectKind
  /** Null: its metadata could not be read, so that it is found by its name. */
  metadataLocation: string | null
  changedAtMs: number | null
  entries: readonly FoundEntry[]
  /** It has more entries than the index. */
  isTruncated: boolean
  /** The size of the current snapshot of a table; absent: not known. */
  size?: TableSize
}

/** Null: not known. */
export type TableSize = { liveBytes: number | null; dataFileCount: number | null }

const ROWS_PER_STATEMENT = 200
const SIZES_PER_STATEMENT = 5_000

/**
 * Writes the entries of an object, as far as they differ from the stored ones.
 *
 * @throws {UnexpectedChanges} if the object has changed again, or another worker has indexed it
 */
export async function saveIndexedObject(
  database: Database,
  pending: SearchObjectName & { version: number },
  object: IndexedObject,
): Promise<void> {
  const key = keyOf(pending)
  const stored = await database.read(
    query(({ db }) =>
      db
        .selectFrom('search_entries')
        .select(['id', 'kind', 'name', 'detail', 'target'])
        .where('object_id', '=', (eb) =>
          eb
            .selectFrom('search_objects')
            .select('search_objects.id')
            .where((own) => own.and(key)),
        ),
    ),
  )
  const surplus = new Map<string, number[]>()
  for (const row of stored) {
    const identity = JSON.stringify([row.kind, row.name, row.detail, row.target])
    surplus.set(identity, [...(surplus.get(identity) ?? []), row.id])
  }
  const added = object.entries.filter(
    ({ kind, name, detail, target }) => surplus.get(JSON.stringify([kind, name, detail, target]))?.pop() === undefined,
  )
  await database.commit([
    removePendingObject(pending),
    upsertObject(pending, object),
    ...batches([...surplus.values()].flat()).map((ids) =>
      change(({ db }) => db.deleteFrom('search_entries').where('id', 'in', ids)),
    ),
    ...batches(added).map((entries) => insertEntries(pending, entries)),
  ])
}

/** @throws {UnexpectedChanges} as {@link saveIndexedObject} */
export async function removeIndexedObject(
  database: Database,
  pending: SearchObjectName & { version: number },
): Promise<void> {
  await database.commit([
    removePendingObject(pending),
    change(({ db }) => db.deleteFrom('search_objects').where((eb) => eb.and(keyOf(pending)))),
  ])
}

/** Tables and views of each catalog. */
export async function countIndexedTables(database: Database): Promise<Map<string, number>> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('search_objects')
        .select(({ fn }) => ['catalog', fn.countAll<number>().as('count')])
        .where('name', '<>', '')
        .groupBy('catalog'),
    ),
  )
  return new Map(rows.map(({ catalog, count }) => [catalog, count]))
}

/** Stored objects of one namespace: their metadata files by name. The namespace itself has the name ''. */
export async function readIndexedNames(
  database: Database,
  catalog: string,
  namespace: Namespace,
): Promise<Map<string, string | null>> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('search_objects')
        .select(['name', 'metadata_location'])
        .where('catalog', '=', catalog)
        .where('namespace', '=', joinNamespace(namespace)),
    ),
  )
  return new Map(rows.map(({ name, metadata_location }) => [name, metadata_location]))
}

/** The objects of a catalog that follow a name, in the order of their names. */
type ObjectPage = { after: { namespace: string; name: string } | null; limit: number }

/** A page of the objects of a catalog, in the order of their names. */
export async function listIndexedObjects(
  database: Database,
  catalog: string,
  page: ObjectPage,
): Promise<{ namespace: string; name: string }[]> {
  return database.read(query(({ db }) => selectPage(db, catalog, page).select(['namespace', 'name'])))
}

/** The sizes of all tables of a catalog that the index has, read a page of objects at a time. */
export async function readTableSizes(
  database: Database,
  catalog: string,
): Promise<{ namespace: Namespace; table: string; size: TableSize }[]> {
  const sizes: { namespace: Namespace; table: string; size: TableSize }[] = []
  let after: ObjectPage['after'] = null
  do {
    const page: ObjectPage = { after, limit: SIZES_PER_STATEMENT }
    const rows = await database.read(
      query(({ db }) =>
        selectPage(db, catalog, page).select(['namespace', 'name', 'kind', 'live_bytes', 'data_file_count']),
      ),
    )
    for (const { kind, namespace, name, live_bytes, data_file_count } of rows) {
      const size = { liveBytes: live_bytes, dataFileCount: data_file_count }
      if (kind === 'table') sizes.push({ namespace: splitNamespace(namespace), table: name, size })
    }
    after = rows.length === SIZES_PER_STATEMENT ? (rows.at(-1) ?? null) : null
  } while (after !== null)
  return sizes
}

function selectPage(db: Dialect['db'], catalog: string, { after, limit }: ObjectPage) {
  return db
    .selectFrom('search_objects')
    .where('catalog', '=', catalog)
    .$if(after !== null, (rest) =>
      rest.where((eb) =>
        eb(eb.refTuple('namespace', 'name'), '>', eb.tuple(after?.namespace ?? '', after?.name ?? '')),
      ),
    )
    .orderBy('namespace')
    .orderBy('name')
    .limit(limit)
}

function upsertObject(
  pending: SearchObjectName,
  { kind, metadataLocation, changedAtMs, isTruncated, size }: IndexedObject,
): Change {
  const { catalog, namespace, name } = pending
  const path = [namespaceLabel(namespace), ...(name === null ? [] : [name])].join('.')
  const facts = {
    kind,
    metadata_location: metadataLocation,
    changed_at_ms: changedAtMs,
    is_cut: isTruncated ? 1 : 0,
    live_bytes: size?.liveBytes ?? null,
    data_file_count: size?.dataFileCount ?? null,
  }
  return change(({ db }) =>
    db
      .insertInto('search_objects')
      .values({
        ...keyOf({ catalog, namespace, name }),
        ...facts,
        folded: foldText(name ?? namespace.at(-1) ?? ''),
        text: withPairs(foldText(path)),
      })
      .onConflict((conflict) => conflict.columns(['catalog', 'namespace', 'name']).doUpdateSet(facts)),
  )
}

function insertEntries(object: SearchObjectName, entries: readonly FoundEntry[]): Change {
  const key = keyOf(object)
  return change(({ db }) =>
    db.insertInto('search_entries').values((eb) => {
      const objectId = eb
        .selectFrom('search_objects')
        .select('id')
        .where(({ and }) => and(key))
        .$asScalar()
        .$notNull()
      return entries.map((entry) => ({ object_id: objectId, ...entryColumns(entry) }))
    }),
  )
}

function entryColumns({ kind, name, detail, target }: FoundEntry): Omit<Tables['search_entries'], 'id' | 'object_id'> {
  const folded = foldText(name)
  const text = KINDS_BY_BEGINNING.has(kind) ? null : withPairs([folded, foldText(detail ?? '')].join(' ').trim())
  return { kind, name, folded, text, detail, target }
}

function batches<Item>(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / ROWS_PER_STATEMENT) }, (_, index) =>
    items.slice(index * ROWS_PER_STATEMENT, (index + 1) * ROWS_PER_STATEMENT),
  )
}
