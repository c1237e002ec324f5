import 'server-only'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { type Namespace, splitNamespace } from '@/lib/names/identifiers'
import { ENTRY_KINDS, type EntryKind, OBJECT_KINDS, type ObjectKind } from '@/lib/search/entry-kinds'
import type { ParsedSearch } from '@/lib/search/parse-search'
import { partsOfWord } from '@/lib/search/text-parts'
import type { Database } from '../database'
import { type Dialect, query } from '../statement'
import { hasVisibleEntries, isUnrestricted, isVisible, scopeTables, type SearchScope, tableIds } from './search-scope'

/**
 * The index's hits for some words: names that begin with the longest word, and texts with all words, by their parts.
 * Each list is bounded and filtered by the scope. A scope of few objects is searched as a whole.
 */

export type IndexHit = {
  object: { catalog: string; namespace: Namespace; name: string | null; kind: ObjectKind }
  /** Null: the object itself. */
  entry: { kind: EntryKind; name: string; detail: string | null; target: string | null } | null
  changedAtMs: number | null
}

/** Per kind, with names that begin with the word. */
const MAX_BEGINNINGS = 60
/** Texts that have the words anywhere. */
const MAX_TEXTS = 400
/** Rows that have the parts of a word, even if they lack the word; objects whose entries are read. */
const MAX_READ = 20_000
const MAX_READ_OF_MANY_WORDS = 3_000
const MAX_READ_OBJECTS = 300
const MAX_NEWEST = 2_000
/** Words that are looked up by their parts. */
const MAX_ANCHORS = 3
/** Objects of a scope that is looked through as a whole. */
const MAX_LOOKED_THROUGH = 500
/** After every text that begins with the text before it. */
const AFTER_ALL = '\u{10FFFF}'

export type FoundHits = { hits: IndexHit[]; isTruncated: boolean }

export async function findHits(
  database: Database,
  { kinds, words }: ParsedSearch,
  scope: SearchScope,
): Promise<FoundHits> {
  if (scope.catalogs.length === 0) return { hits: [], isTruncated: false }
  const objectKinds = OBJECT_KINDS.filter((kind) => kinds === null || kinds.includes(kind))
  const entryKinds = ENTRY_KINDS.filter((kind) => kinds === null || kinds.includes(kind))
  const criteria: Criteria = { words, objectKinds, entryKinds, scope }
  const ids = isUnrestricted(scope) ? null : await readTableIds(database, scope)
  const statements =
    words.length === 0 && kinds === null
      ? [newestObjects(criteria, ids)]
      : ids === null
        ? indexStatements(criteria)
        : statementsAmong(criteria, ids)
  if (statements.length === 0) return { hits: [], isTruncated: false }
  const rows = await database.read(
    query<HitRow & { list: number }>((dialect) => {
      const lists = statements.map(
        ({ build }, list) => sql`select found.*, ${sql.lit(list)} as list from (${build(dialect)}) as found`,
      )
      const before = isUnrestricted(scope) ? sql`` : scopeTables(dialect, scope)
      const all = sql<HitRow & { list: number }>`${before} ${sql.join(lists, sql` union all `)}`
      return { compile: () => all.compile(dialect.db) }
    }),
  )
  const isTruncated = statements.some(({ limit }, list) => rows.filter((row) => row.list === list).length >= limit)
  return { hits: rows.map(toHit), isTruncated }
}

type Criteria = {
  words: readonly string[]
  objectKinds: readonly ObjectKind[]
  entryKinds: readonly EntryKind[]
  scope: SearchScope
}
type Statement = { build: (dialect: Dialect) => RawBuilder<HitRow>; limit: number }
type HitRow = {
  catalog: string
  namespace: string
  object_name: string
  object_kind: ObjectKind
  changed_at_ms: number | null
  kind: EntryKind | null
  name: string | null
  detail: string | null
  target: string | null
}

const OBJECT_COLUMNS = sql`search_objects.catalog, search_objects.namespace, search_objects.name as object_name,
  search_objects.kind as object_kind, search_objects.changed_at_ms`
const NO_ENTRY = sql`null as kind, null as name, null as detail, null as target`
const ENTRY_COLUMNS = sql`search_entries.kind, search_entries.name, search_entries.detail, search_entries.target`

/** The tables and views of the scope; null if there are so many that the indexes are faster. */
async function readTableIds(database: Database, scope: SearchScope): Promise<number[] | null> {
  const rows = await database.read(
    query<{ id: number }>((dialect) => {
      const ids = tableIds(dialect, scope, MAX_LOOKED_THROUGH + 1)
      return { compile: () => ids.compile(dialect.db) }
    }),
  )
  return rows.length > MAX_LOOKED_THROUGH ? null : rows.map(({ id }) => id)
}

/** With many objects, checks the most recently changed. */
function newestObjects({ scope }: Criteria, ids: readonly number[] | null): Statement {
  const newest = sql`(select * from search_objects where changed_at_ms is not null
    order by changed_at_ms desc limit ${sql.lit(MAX_NEWEST)}) as search_objects`
  return {
    limit: MAX_BEGINNINGS,
    build: () => sql<HitRow>`select ${OBJECT_COLUMNS}, ${NO_ENTRY}
      from ${ids === null ? newest : sql`search_objects`}
      where ${ids === null ? isVisible(scope) : isAmong(ids)} and changed_at_ms is not null
      order by changed_at_ms desc limit ${sql.lit(MAX_BEGINNINGS)}`,
  }
}

function indexStatements(criteria: Criteria): Statement[] {
  const { words, objectKinds, entryKinds } = criteria
  const hasParts = words.some((word) => partsOfWord(word).length > 0)
  const anchors = longestFirst(words).filter((word) => partsOfWord(word).length > 0)
  return [
    ...objectKinds.map((kind) => objectsByBeginning(criteria, kind)),
    ...entryKinds.map((kind) => entriesByBeginning(criteria, kind)),
    ...(hasParts && objectKinds.length > 0 ? [objectsByParts(criteria)] : []),
    ...(entryKinds.length === 0 ? [] : anchors.slice(0, MAX_ANCHORS)).flatMap((anchor) => [
      entriesByParts(criteria, anchor),
      // Some words are in the name of the table, and others in its entries.
      ...(words.length > 1 ? [entriesOfObjectsByParts(criteria, anchor)] : []),
    ]),
  ]
}

function objectsByBeginning({ words, scope }: Criteria, kind: ObjectKind): Statement {
  return {
    limit: MAX_BEGINNINGS,
    build: (dialect) => sql<HitRow>`select ${OBJECT_COLUMNS}, ${NO_ENTRY} from search_objects
      where search_objects.kind = ${kind} and ${begins('search_objects', words)}
        and ${objectHasAll(dialect, words)} and ${isVisible(scope)}
      order by search_objects.folded limit ${sql.lit(MAX_BEGINNINGS)}`,
  }
}

function entriesByBeginning({ words, scope }: Criteria, kind: EntryKind): Statement {
  const isVisibleObject = sql`search_objects.id = search_entries.object_id and ${hasVisibleEntries(scope)}`
  return {
    limit: MAX_BEGINNINGS,
    build: (dialect) => sql<HitRow>`select ${OBJECT_COLUMNS}, ${ENTRY_COLUMNS}
      from search_entries ${dialect.joinEach('search_objects', isVisibleObject)}
      where search_entries.kind = ${kind} and ${begins('search_entries', words)} and ${hasAll(dialect, words)}
      order by search_entries.folded limit ${sql.lit(MAX_BEGINNINGS)}`,
  }
}

function objectsByParts({ words, objectKinds, scope }: Criteria): Statement {
  const parts = [...new Set(words.flatMap(partsOfWord))]
  return {
    limit: MAX_TEXTS,
    build: (dialect) => sql<HitRow>`select ${OBJECT_COLUMNS}, ${NO_ENTRY}
      from ${dialect.rowsWithParts('search_objects', parts, null)}
      where ${isOneOf('search_objects', objectKinds)} and ${objectHasAll(dialect, words)} and ${isVisible(scope)}
      limit ${sql.lit(MAX_TEXTS)}`,
  }
}

/** In a restricted scope all rows are read, because the first ones may be outside of it. */
function entriesByParts({ words, entryKinds, scope }: Criteria, anchor: string): Statement {
  const bound = words.length > 1 ? MAX_READ_OF_MANY_WORDS : MAX_READ
  const limit = isUnrestricted(scope) ? bound : null
  return {
    limit: MAX_TEXTS,
    build: (dialect) => sql<HitRow>`select ${OBJECT_COLUMNS}, ${ENTRY_COLUMNS}
      from ${dialect.rowsWithParts('search_entries', partsOfWord(anchor), limit)} cross join search_objects
      where ${isOneOf('search_entries', entryKinds)} and ${dialect.position(ENTRY_TEXT, sql`${anchor}`)} > 0
        and search_objects.id = search_entries.object_id and ${hasAll(dialect, words)} and ${hasVisibleEntries(scope)}
      limit ${sql.lit(MAX_TEXTS)}`,
  }
}

function entriesOfObjectsByParts({ words, entryKinds, scope }: Criteria, anchor: string): Statement {
  const limit = isUnrestricted(scope) ? MAX_READ_OBJECTS : null
  return {
    limit: MAX_TEXTS,
    build: (dialect) => sql<HitRow>`select ${OBJECT_COLUMNS}, ${ENTRY_COLUMNS}
      from ${dialect.rowsWithParts('search_objects', partsOfWord(anchor), limit)} cross join search_entries
      where ${hasVisibleEntries(scope)} and search_entries.object_id = search_objects.id
        and ${isOneOf('search_entries', entryKinds)} and ${entryHasAny(dialect, words)} and ${hasAll(dialect, words)}
      limit ${sql.lit(MAX_TEXTS)}`,
  }
}

/** With few tables in the scope, all their rows are read. Namespaces are found as in any scope. */
function statementsAmong(criteria: Criteria, ids: readonly number[]): Statement[] {
  const isNamespace = sql<SqlBool>`search_objects.kind = 'namespace' and ${hasVisibleEntries(criteria.scope)}`
  const includesNamespaces = criteria.objectKinds.includes('namespace')
  const hasParts = criteria.words.some((word) => partsOfWord(word).length > 0)
  return [
    ...(ids.length === 0 ? [] : [objectsAmong(criteria, ids), entriesAmong(criteria, isAmong(ids))]),
    ...(includesNamespaces ? [objectsByBeginning(criteria, 'namespace')] : []),
    ...(includesNamespaces && hasParts ? [objectsByParts({ ...criteria, objectKinds: ['namespace'] })] : []),
    entriesAmong(criteria, isNamespace),
  ]
}

function objectsAmong({ words, objectKinds }: Criteria, ids: readonly number[]): Statement {
  return {
    limit: MAX_LOOKED_THROUGH + 1,
    build: (dialect) => sql<HitRow>`select ${OBJECT_COLUMNS}, ${NO_ENTRY} from search_objects
      where ${isAmong(ids)} and ${isOneOf('search_objects', objectKinds)}
        and ${objectHasAll(dialect, words)}`,
  }
}

/** Names that begin with the words come first, because there may be more texts than the limit. */
function entriesAmong({ words, entryKinds }: Criteria, isOfObject: RawBuilder<SqlBool>): Statement {
  return {
    limit: MAX_TEXTS,
    build: (dialect) => sql<HitRow>`select ${OBJECT_COLUMNS}, ${ENTRY_COLUMNS}
      from search_objects cross join search_entries
      where ${isOfObject} and search_entries.object_id = search_objects.id
        and ${isOneOf('search_entries', entryKinds)}
        and (${begins('search_entries', words)} or ${entryHasAny(dialect, words)}) and ${hasAll(dialect, words)}
      order by case when ${begins('search_entries', words)} then 0 else 1 end, search_entries.folded
      limit ${sql.lit(MAX_TEXTS)}`,
  }
}

function isAmong(ids: readonly number[]): RawBuilder<SqlBool> {
  return ids.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`search_objects.id in (${sql.join(ids)})`
}

type SearchTable = 'search_objects' | 'search_entries'

function isOneOf(table: SearchTable, kinds: readonly string[]): RawBuilder<SqlBool> {
  if (kinds.length === 0) return sql<SqlBool>`1 = 0`
  return sql<SqlBool>`${sql.ref(`${table}.kind`)} in (${sql.join(kinds)})`
}

/** The name begins with the longest word. */
function begins(table: SearchTable, words: readonly string[]): RawBuilder<SqlBool> {
  const folded = sql.ref(`${table}.folded`)
  const [longest = ''] = longestFirst(words)
  return sql<SqlBool>`(${folded} >= ${longest} and ${folded} < ${longest + AFTER_ALL})`
}

const ENTRY_TEXT = sql.ref<string | null>('search_entries.text')
const OBJECT_TEXT = sql.ref<string>('search_objects.text')

function objectHasAll({ position }: Dialect, words: readonly string[]): RawBuilder<SqlBool> {
  return allOf(words.map((word) => sql<SqlBool>`${position(OBJECT_TEXT, sql`${word}`)} > 0`))
}

/** Each word is in the entry, or in the name of its parent. Entries without text are found by the longest word. */
function hasAll({ position }: Dialect, words: readonly string[]): RawBuilder<SqlBool> {
  const [longest = ''] = longestFirst(words)
  const inText = (word: string) =>
    sql<SqlBool>`(${position(ENTRY_TEXT, sql`${word}`)} > 0 or ${position(OBJECT_TEXT, sql`${word}`)} > 0)`
  const others = words.filter((word) => word !== longest)
  return allOf([
    ...others.map(inText),
    ...(words.length === 0 ? [] : [sql<SqlBool>`(search_entries.text is null or ${inText(longest)})`]),
  ])
}

function entryHasAny({ position }: Dialect, words: readonly string[]): RawBuilder<SqlBool> {
  const conditions = words.map((word) => sql<SqlBool>`${position(ENTRY_TEXT, sql`${word}`)} > 0`)
  return conditions.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`(${sql.join(conditions, sql` or `)})`
}

function allOf(conditions: readonly RawBuilder<SqlBool>[]): RawBuilder<SqlBool> {
  return conditions.length === 0 ? sql<SqlBool>`1 = 1` : sql<SqlBool>`(${sql.join(conditions, sql` and `)})`
}

function longestFirst(words: readonly string[]): string[] {
  return words.toSorted((a, b) => b.length - a.length)
}

function toHit(row: HitRow): IndexHit {
  return {
    object: {
      catalog: row.catalog,
      namespace: splitNamespace(row.namespace),
      name: row.object_name === '' ? null : row.object_name,
      kind: row.object_kind,
    },
    entry: row.kind === null ? null : { kind: row.kind, name: row.name ?? '', detail: row.detail, target: row.target },
    changedAtMs: row.changed_at_ms,
  }
}
