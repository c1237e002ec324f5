/**
 * Saved checks of a table: `lakeshore.check.<name>` is SQL that must return no rows. They are properties, so they travel
 * with the table and are changed, proposed and audited like others.
 */
export const CHECK_PREFIX = 'lakeshore.check.'

/** The name under which a check's SQL reads the table. */
export const CHECKED_TABLE = 'this_table'

/** The limit for one table: a run carries its checks out one after another. */
export const MAX_CHECKS = 50
export const MAX_CHECK_NAME_CHARS = 100
export const MAX_CHECK_SQL_CHARS = 10_000

export type TableCheck = { name: string; sql: string }

/** In the order of their names. */
export function tableChecks(properties: ReadonlyMap<string, string> | Readonly<Record<string, string>>): TableCheck[] {
  const entries = properties instanceof Map ? [...properties] : Object.entries(properties)
  return entries
    .flatMap(([key, sql]) => (isCheckKey(key) ? [{ name: key.slice(CHECK_PREFIX.length), sql }] : []))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

export function isCheckKey(key: string): boolean {
  return key.startsWith(CHECK_PREFIX)
}

export function checkProperty(name: string): string {
  return `${CHECK_PREFIX}${name}`
}

/** Why a check cannot have the name, in words for people; null: it can. */
export function checkNameProblem(name: string): string | null {
  if (name.trim() === '') return 'A check needs a name.'
  if (name !== name.trim()) return 'A name cannot begin or end with a space.'
  if (name.length > MAX_CHECK_NAME_CHARS) return `A name has at most ${MAX_CHECK_NAME_CHARS} characters.`
  return /\p{C}/u.test(name) ? 'A name has visible characters only.' : null
}
