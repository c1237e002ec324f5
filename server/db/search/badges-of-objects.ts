import 'server-only'
import { type RawBuilder, sql, type SqlBool } from 'kysely'
import { joinNamespace, type Namespace, splitNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import { type Badge, parseBadge } from '@/lib/iceberg/properties/about'
import type { Database } from '../database'
import { query } from '../statement'
import { hasVisibleEntries, scopeTables, type SearchScope } from './search-scope'

/** *Certified* or *deprecated*, and why or what to use instead. */
type BadgeRow = { kind: string; namespace: string; object_name: string; badge: string; reason: string | null }

const LEVEL = '\x1F'
const AFTER_LEVEL = '\x20'

/** The badges of those tables and views that have one. */
export async function readBadges(
  database: Database,
  objects: readonly TableIdentifier[],
): Promise<{ table: TableIdentifier; badge: Badge; badgeReason: string | null }[]> {
  if (objects.length === 0) return []
  const sought = objects.map(({ catalog, namespace, table }) => [catalog, joinNamespace(namespace), table])
  const rows = await database.read(
    query<BadgeRow & { catalog: string }>((dialect) => {
      const isSought = sql`search_objects.catalog = sought.a and search_objects.namespace = sought.b
          and search_objects.name = sought.c and search_objects.kind <> 'namespace'`
      const isBadge = sql`search_entries.object_id = search_objects.id and search_entries.kind = 'badge'
          and search_entries.target is null`
      const statement = sql<BadgeRow & { catalog: string }>`select search_objects.catalog, search_objects.kind,
            search_objects.namespace, search_objects.name as object_name, search_entries.name as badge,
            search_entries.detail as reason
          from ${dialect.lookUp(sought, 'search_objects', isSought)} ${dialect.joinEach('search_entries', isBadge)}`
      return { compile: () => statement.compile(dialect.db) }
    }),
  )
  return rows.flatMap((row) => {
    const badge = parseBadge(row.badge)
    const table = { catalog: row.catalog, namespace: splitNamespace(row.namespace), table: row.object_name }
    return badge === null ? [] : [{ table, badge, badgeReason: row.reason }]
  })
}

export type BadgedEntry = {
  kind: 'namespace' | 'table' | 'view'
  /** Namespace of a table or a view. */
  namespace: Namespace
  /** Null for a namespace. */
  name: string | null
  badge: Badge
  badgeReason: string | null
}

/**
 * The badges of the scope's objects directly in a namespace (null: the top of the catalog), in order of their names.
 * Reads every badge of the index; a large namespace has more tables than the index has badges.
 */
export async function readBadgesIn(
  database: Database,
  catalog: string,
  parent: Namespace | null,
  { scope, limit }: { scope: SearchScope; limit: number },
): Promise<BadgedEntry[]> {
  const rows = await database.read(
    query<BadgeRow>((dialect) => {
      const statement = sql<BadgeRow>`${scopeTables(dialect, scope)} select search_objects.kind, search_objects.namespace,
          search_objects.name as object_name, search_entries.name as badge, search_entries.detail as reason
        from search_entries ${dialect.joinEach('search_objects', sql`search_objects.id = search_entries.object_id`)}
        where search_entries.kind = 'badge' and search_entries.target is null
          and search_objects.catalog = ${catalog} and ${isDirectlyIn('search_objects', parent)}
          and ${hasVisibleEntries(scope)}
        order by search_objects.namespace, search_objects.name limit ${sql.lit(limit)}`
      return { compile: () => statement.compile(dialect.db) }
    }),
  )
  return rows.flatMap(({ kind, namespace, object_name: name, badge: text, reason: badgeReason }): BadgedEntry[] => {
    const badge = parseBadge(text)
    if (badge === null) return []
    const isEntry = kind === 'table' || kind === 'view'
    const levels = splitNamespace(namespace)
    return [{ kind: isEntry ? kind : 'namespace', namespace: levels, name: isEntry ? name : null, badge, badgeReason }]
  })
}

/**
 * Objects directly in a namespace that have changed and are about to be indexed, without those that failed and wait.
 */
export async function readPendingIn(
  database: Database,
  catalog: string,
  parent: Namespace | null,
  limit: number,
): Promise<Pick<BadgedEntry, 'namespace' | 'name'>[]> {
  const rows = await database.read(
    query<{ namespace: string; name: string }>((dialect) => {
      const statement = sql<{ namespace: string; name: string }>`select namespace, name from search_pending
        where catalog = ${catalog} and attempts = 0 and ${isDirectlyIn('search_pending', parent)}
        limit ${sql.lit(limit)}`
      return { compile: () => statement.compile(dialect.db) }
    }),
  )
  return rows.map(({ namespace, name }) => ({ namespace: splitNamespace(namespace), name: name === '' ? null : name }))
}

/** Tables and views of the namespace, and the namespaces one level below. Those have an empty name. */
function isDirectlyIn(table: 'search_objects' | 'search_pending', parent: Namespace | null): RawBuilder<SqlBool> {
  const namespace = sql.ref(`${table}.namespace`)
  const name = sql.ref(`${table}.name`)
  const hasLevels = `%${LEVEL}%`
  if (parent === null) return sql<SqlBool>`${name} = '' and ${namespace} not like ${hasLevels}`
  const above = joinNamespace(parent)
  const below = above + LEVEL
  return sql<SqlBool>`((${namespace} = ${above} and ${name} <> '')
    or (${name} = '' and ${namespace} > ${below} and ${namespace} < ${above + AFTER_LEVEL}
      and substr(${namespace}, ${sql.lit(Array.from(below).length + 1)}) not like ${hasLevels}))`
}
