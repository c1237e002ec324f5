import { AppError } from '@/lib/errors'

/**
 * How large the names in a request may be. Each door checks them before it checks a permission, because permissions are
 * looked up level by level. Lists may show larger names: other programs give them in some catalogs.
 */

/** Iceberg's SQL catalogs keep a name in 255 characters, and Glue and Snowflake allow no more either. */
export const MAX_NAME_CHARS = 255

export const MAX_NAMESPACE_LEVELS = 100

/** All levels together, with a separator between each two. */
export const MAX_NAMESPACE_CHARS = MAX_NAMESPACE_LEVELS * (MAX_NAME_CHARS + 1) - 1

/** The names of a catalog, a namespace, a table or a view. */
export type Names = {
  catalog?: string | undefined
  namespace?: readonly string[] | undefined
  table?: string | undefined
}

/** The limit that the names exceed, as a sentence; null if they exceed none. */
export function nameLimitProblem({ catalog = '', namespace = [], table = '' }: Names): string | null {
  if (namespace.length > MAX_NAMESPACE_LEVELS)
    return `A namespace has at most ${MAX_NAMESPACE_LEVELS} levels, and this one has ${namespace.length}.`
  const tooLong = [catalog, ...namespace, table].find((name) => name.length > MAX_NAME_CHARS)
  if (tooLong === undefined) return null
  return `A name has at most ${MAX_NAME_CHARS} characters, and ${JSON.stringify(`${tooLong.slice(0, 40)}…`)} has ${tooLong.length}.`
}

/** @throws {AppError} invalid-request, see {@link nameLimitProblem} */
export function enforceNameLimits(names: Names): void {
  const problem = nameLimitProblem(names)
  if (problem !== null) throw new AppError('invalid-request', problem)
}

/** The names, each cut to its limit, for records of requests. */
export function cutToNameLimits<T extends Names>(names: T): T {
  const { catalog, namespace, table } = names
  return {
    ...names,
    ...(catalog !== undefined && { catalog: cut(catalog) }),
    ...(namespace !== undefined && { namespace: namespace.slice(0, MAX_NAMESPACE_LEVELS).map(cut) }),
    ...(table !== undefined && { table: cut(table) }),
  }
}

function cut(name: string): string {
  return name.length > MAX_NAME_CHARS ? `${name.slice(0, MAX_NAME_CHARS - 1)}…` : name
}
