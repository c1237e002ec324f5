import 'server-only'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { joinNamespace, LEVEL_SEPARATOR, splitNamespace } from '@/lib/names/identifiers'
import { MAX_NAMESPACE_CHARS, MAX_NAMESPACE_LEVELS } from '@/lib/names/name-limits'
import type { Resource } from '@/lib/permissions'
import type { ResourceTable } from '../tables'

/**
 * Whether a row names a namespace of no more levels and characters than one may have. Queries leave out other rows, and
 * no limit counts them: they are older than the limits, and permissions are looked up level by level.
 *
 * @param table grants, tokens or requests for access, or their alias in the query
 */
export function isWithinNameLimits(table: string): RawBuilder<SqlBool> {
  const namespace = sql<string>`coalesce(${sql.ref(`${table}.namespace`)}, '')`
  const separatorCount = sql<number>`length(${namespace}) - length(replace(${namespace}, ${sql.lit(LEVEL_SEPARATOR)}, ''))`
  return sql<SqlBool>`(length(${namespace}) <= ${sql.lit(MAX_NAMESPACE_CHARS)} and ${separatorCount} < ${sql.lit(MAX_NAMESPACE_LEVELS)})`
}

/** A resource in columns that are never null, so that a unique index compares them. */
export function resourceColumns({ catalog = '', namespace = [], table = '' }: Resource): ResourceTable {
  return { catalog, namespace: joinNamespace(namespace), table_name: table }
}

/** The inverse of {@link resourceColumns}. */
export function toResource({ catalog, namespace, table_name: table }: ResourceTable): Resource {
  return {
    ...(catalog !== '' && { catalog }),
    ...(namespace !== '' && { namespace: splitNamespace(namespace) }),
    ...(table !== '' && { table }),
  }
}
