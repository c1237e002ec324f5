import 'server-only'
import { sql, type SqlBool } from 'kysely'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { toTableIdentifier } from './catalog-key'
import { selectLiveRecords } from './table-folders'
import type { Database } from '../database'
import { type Dialect, query } from '../statement'

/**
 * Finds the owners of many folders in one statement. Each folder costs a few index lookups, however many tables the
 * database has.
 *
 * Every prefix is a folder that ends with a slash.
 */

export type OwnersByPrefix = {
  owners: ReadonlyMap<string, { identifier: TableIdentifier; isView: boolean }>
  /** Prefixes below which a table or view has its metadata or a recorded folder. */
  withOwnersBelow: ReadonlySet<string>
}

/** Another program may have registered one metadata file under several names. One of them is enough. */
const MAX_SHARERS = 10

type FoundOwner = { prefix: string; catalog: string; namespace: string; name: string; type: string | null }

/** Finds owners by their metadata files: an owner has one directly in the folder's `metadata`. */
export async function findMetadataOwners(database: Database, prefixes: readonly string[]): Promise<OwnersByPrefix> {
  if (prefixes.length === 0) return NO_OWNERS
  const rows = await database.read(
    query((dialect) => {
      const location = dialect.bytes('entry.metadata_location')
      const metadata = sql<string>`(${PREFIX} || ${sql.lit('metadata/')})`
      const afterMetadata = sql<string>`(${PREFIX} || ${sql.lit('metadata0')})`
      // A deeper file belongs to a table or a namespace that is called `metadata`.
      const fileName = sql<string>`substr(${location}, length(${metadata}) + 1)`
      const own = dialect.db
        .selectFrom('iceberg_tables as entry')
        .select('entry.metadata_location')
        .where(sql<SqlBool>`(${location} >= ${metadata} and ${location} < ${afterMetadata})`)
        .where(sql<SqlBool>`${dialect.position(fileName, sql.lit('/'))} = 0`)
        .limit(1)
      const below = dialect.db
        .selectFrom('iceberg_tables as entry')
        .select(sql<number>`1`.as('one'))
        .where(sql<SqlBool>`(${location} >= ${PREFIX} and ${location} < ${AFTER_PREFIX})`)
        .limit(1)
      return selectFromPrefixes(dialect, prefixes).select([PREFIX.as('prefix'), own.as('own'), below.as('below')])
    }),
  )
  const prefixesByLocation = new Map(rows.flatMap(({ prefix, own }) => (own === null ? [] : [[own, prefix] as const])))
  return {
    owners: await readOwners(database, prefixesByLocation),
    withOwnersBelow: new Set(rows.filter(({ below }) => below !== null).map(({ prefix }) => prefix)),
  }
}

/** Finds owners by recorded folders. */
export async function findRecordedOwners(database: Database, prefixes: readonly string[]): Promise<OwnersByPrefix> {
  if (prefixes.length === 0) return NO_OWNERS
  const owners = await database.read(
    query((dialect) =>
      selectLiveRecords(dialect)
        .select([
          'recorded.folder as prefix',
          'recorded.catalog',
          'recorded.namespace',
          'recorded.table_name as name',
          'named.iceberg_type as type',
        ])
        .where('recorded.folder', 'in', prefixes)
        .limit(prefixes.length),
    ),
  )
  const below = await database.read(
    query((dialect) => {
      const folder = sql.ref<string>('recorded.folder')
      const record = selectLiveRecords(dialect)
        .select(sql<number>`1`.as('one'))
        .where(sql<SqlBool>`(${folder} >= ${PREFIX} and ${folder} < ${AFTER_PREFIX})`)
        .limit(1)
      return selectFromPrefixes(dialect, prefixes).select([PREFIX.as('prefix'), record.as('below')])
    }),
  )
  return {
    owners: toOwners(owners),
    withOwnersBelow: new Set(below.filter((row) => row.below !== null).map(({ prefix }) => prefix)),
  }
}

const NO_OWNERS: OwnersByPrefix = { owners: new Map(), withOwnersBelow: new Set() }

/** Names that both databases give to the columns of VALUES. */
const PREFIX = sql.ref<string>('lookup.column1')
/** The first text after all that start with the prefix: `0` follows the slash. */
const AFTER_PREFIX = sql.ref<string>('lookup.column2')

/** The prefixes as rows, so that one statement looks all of them up, each by an index. */
function selectFromPrefixes({ db }: Dialect, prefixes: readonly string[]) {
  const rows = prefixes.map((prefix) => sql`(${prefix}, ${`${prefix.slice(0, -1)}0`})`)
  return db.selectFrom(sql<{ column1: string; column2: string }>`(values ${sql.join(rows)})`.as('lookup'))
}

async function readOwners(database: Database, prefixesByLocation: ReadonlyMap<string, string>) {
  if (prefixesByLocation.size === 0) return NO_OWNERS.owners
  const locations = [...prefixesByLocation.keys()]
  const rows = await database.read(
    query(({ db, bytes }) =>
      db
        .selectFrom('iceberg_tables')
        .select([
          'metadata_location as location',
          'catalog_name as catalog',
          'table_namespace as namespace',
          'table_name as name',
          'iceberg_type as type',
        ])
        .where(bytes('metadata_location'), 'in', locations)
        .limit(locations.length * MAX_SHARERS),
    ),
  )
  return toOwners(rows.map((row) => ({ ...row, prefix: prefixesByLocation.get(row.location ?? '') ?? '' })))
}

function toOwners(rows: readonly FoundOwner[]): OwnersByPrefix['owners'] {
  return new Map(
    rows.map(({ prefix, type, ...key }) => [prefix, { identifier: toTableIdentifier(key), isView: type === 'VIEW' }]),
  )
}
