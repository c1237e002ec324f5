import 'server-only'
import type { FoundHit } from '@/lib/contract/search'
import type { TableBadge, UnreachableCatalog } from '@/lib/contract/shapes/lake'
import { type Namespace, namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { isShared, OBJECT_KINDS, SEARCH_KINDS } from '@/lib/search/entry-kinds'
import { type ParsedSearch, parseSearch } from '@/lib/search/parse-search'
import { parsePath, type SearchedPath } from '@/lib/search/parse-path'
import { foldText } from '@/lib/search/fold-text'
import { DATA_FILE } from '@/lib/search/found-entries'
import { closenessOf, rankHits } from '@/lib/search/rank-hits'
import { similarWord } from '@/lib/search/similar-word'
import { type Actor, isPermitted } from '@/server/auth/actor'
import type { SearchSource } from '@/server/catalog/catalogs'
import { findRestrictedTables } from '@/server/catalog/restricted-tables'
import { canEnter } from '@/server/auth/actor'
import { findHits, type IndexHit } from '@/server/db/search/find-hits'
import type { IndexedCatalog } from '@/server/db/search/indexed-catalogs'
import { readBadges } from '@/server/db/search/badges-of-objects'
import { findTablesAround } from '@/server/db/search/tables-around'
import type { Services } from '@/server/services'
import { isOf, readIndexedSources, toScope } from './indexed-sources'
import { findLiveNames } from './live-names'
import type { RankedHit } from './ranked-hit'

/** Names only: tables, views and namespaces together. */
const MAX_NAMES = 50
/** Per kind if others are found as well, and for a single kind. */
const MAX_PER_KIND = 8
const MAX_OF_ONLY_KIND = 60
/** A crawl is scheduled for each night. */
const OLD_AFTER_MS = 36 * 60 * 60_000

/** How long a search waits for catalogs whose data files it found. */
const FILE_CHECK_MS = 2_000

type SearchServices = Pick<Services, 'catalogs' | 'database' | 'log'>

export type SearchResult = {
  hits: FoundHit[]
  isTruncated: boolean
  unreachable: UnreachableCatalog[]
  outdated: { catalog: string; indexedAtMs: number | null }[]
}

type SearchContext = { signal: AbortSignal; requestId: string }

/** Tables, views and namespaces by their full names. */
export async function searchNames(
  services: SearchServices,
  actor: Actor,
  text: string,
  context: SearchContext,
): Promise<Pick<SearchResult, 'hits' | 'isTruncated' | 'unreachable'> & { badges: TableBadge[] }> {
  const { words } = parseSearch(text)
  const parsed = { words, kinds: OBJECT_KINDS }
  const { ranked, isTruncated, searched, unreachable } = await search(services, actor, parsed, context)
  const found = rankHits(ranked, words)
  const hits = found.slice(0, MAX_NAMES)
  const badges = await readBadges(services.database, indexedEntries(hits, searched))
  return { hits, badges, isTruncated: isTruncated || found.length > MAX_NAMES, unreachable }
}

/** Searches tables, views, namespaces and their entries. */
export async function searchEverything(
  services: SearchServices,
  actor: Actor,
  text: string,
  context: SearchContext,
): Promise<SearchResult> {
  const path = parsePath(text)
  const parsed = path === null ? parseSearch(text) : { kinds: ['file' as const], words: parseSearch(path.name).words }
  const { ranked, isTruncated, searched, ...state } = await search(services, actor, parsed, context)
  const found =
    path !== null
      ? await hitsOfPath(services.database, actor, path, { ranked, searched })
      : ranked.length > 0
        ? ranked
        : await findSimilar(services.database, actor, parsed, searched)
  const picked = pickHits(found, parsed)
  const shown = await withoutRestrictedFiles(services, picked.hits, { actor, signal: context.signal })
  const hits = await withReindexRequests(services.database, shown, searched)
  return { ...state, hits, isTruncated: isTruncated || picked.isTruncated }
}

/** Indexed names that have the longest word with one typing mistake, for a search that finds nothing else. */
async function findSimilar(
  database: Services['database'],
  actor: Actor,
  { kinds, words }: ParsedSearch,
  searched: readonly SearchSource[],
): Promise<RankedHit[]> {
  const similar = similarWord(words)
  if (similar === null) return []
  const others = words.filter((word) => word !== similar.word)
  const found = await Promise.all(
    similar.pieces.map((piece) => findHits(database, { kinds, words: [...others, piece] }, toScope(actor, searched))),
  )
  const visible = found.flatMap(({ hits }) => hits.filter((hit) => isVisible(actor, hit)).map(toRankedHit))
  return dedupe(visible).filter(({ name }) => similar.pattern.test(foldText(name)))
}

/**
 * The locations of data files often have values of partitions, and the catalog may restrict reads of the table since it
 * was indexed.
 */
async function withoutRestrictedFiles(
  services: SearchServices,
  hits: readonly FoundHit[],
  reader: { actor: Actor; signal: AbortSignal },
): Promise<FoundHit[]> {
  const tableOf = ({ kind, detail, catalog, namespace, entry }: FoundHit): TableIdentifier | null =>
    kind === 'file' && detail === DATA_FILE && entry !== null ? { catalog, namespace, table: entry.name } : null
  const isRestricted = await findRestrictedTables(
    services,
    hits.flatMap((hit) => tableOf(hit) ?? []),
    { ...reader, timeoutMs: FILE_CHECK_MS },
  )
  return hits.filter((hit) => {
    const table = tableOf(hit)
    return table === null || !isRestricted(table)
  })
}

/** A badge is next to the name of a table or a view. */
async function withReindexRequests(
  database: Services['database'],
  hits: readonly FoundHit[],
  searched: readonly SearchSource[],
): Promise<FoundHit[]> {
  const keyOf = (catalog: string, namespace: Namespace, name: string) => JSON.stringify([catalog, namespace, name])
  const known = await readBadges(database, indexedEntries(hits, searched))
  const badges = new Map(
    known.map(({ table: { catalog, namespace, table }, badge, badgeReason }) => [
      keyOf(catalog, namespace, table),
      badgeReason === null ? badge : `${badge}: ${badgeReason}`,
    ]),
  )
  return hits.map((hit) => {
    const { kind, catalog, namespace, entry } = hit
    const badge = entry === null ? undefined : badges.get(keyOf(catalog, namespace, entry.name))
    return badge !== undefined && (kind === 'table' || kind === 'view') ? { ...hit, detail: badge } : hit
  })
}

/** The tables and views that the index may answer for: entries of other readers are not for this one. */
function indexedEntries(hits: readonly FoundHit[], searched: readonly SearchSource[]): TableIdentifier[] {
  const catalogs = new Set(searched.map(({ catalog }) => catalog))
  return hits.flatMap(({ kind, catalog, namespace, entry }) =>
    entry !== null && (kind === 'table' || kind === 'view') && catalogs.has(catalog)
      ? [{ catalog, namespace, table: entry.name }]
      : [],
  )
}

/** The files of that path in the index, otherwise one in each table that has it in its folder, whatever file that is. */
async function hitsOfPath(
  database: Services['database'],
  actor: Actor,
  { location, suffix, name }: SearchedPath,
  { ranked, searched }: { ranked: readonly RankedHit[]; searched: readonly SearchSource[] },
): Promise<RankedHit[]> {
  const known = ranked.filter(({ target }) => target?.endsWith(suffix))
  if (known.length > 0 || location === null) return known
  const tables = await findTablesAround(database, location, toScope(actor, searched))
  return tables
    .filter(({ catalog, namespace, table }) => isPermitted(actor, 'table:read', { catalog, namespace, table }))
    .map(({ catalog, namespace, table, changedAtMs }) => ({
      kind: 'file',
      catalog,
      namespace,
      entry: { kind: 'table', name: table },
      name,
      detail: location.includes('/metadata/') ? 'metadata file' : DATA_FILE,
      target: location,
      path: namespaceLabel([...namespace, table]),
      changedAtMs,
    }))
}

/**
 * Finds objects that the actor may see: in the index, and by name in catalogs that this person reads with their own
 * credentials.
 */
async function search(services: SearchServices, actor: Actor, parsed: ParsedSearch, context: SearchContext) {
  const { sources, searched, indexed } = await readIndexedSources(services, actor)
  const live = sources.filter(({ isPersonal }) => isPersonal).map(({ catalog }) => catalog)
  const [found, named] = await Promise.all([
    findHits(services.database, parsed, toScope(actor, searched)),
    findLiveNames(services, actor, parsed, { ...context, catalogs: live }),
  ])
  const visible = found.hits.filter((hit) => isVisible(actor, hit)).map(toRankedHit)
  return {
    ranked: [...dedupe(visible), ...named.hits],
    isTruncated: found.isTruncated || named.isTruncated,
    searched,
    unreachable: named.unreachable,
    outdated: sources
      .filter(({ isPersonal }) => !isPersonal)
      .flatMap((source) => toOutdated(services, source, indexed)),
  }
}

/** The query leaves out hidden objects; this check decides. */
function isVisible(actor: Actor, { object: { catalog, namespace, name }, entry }: IndexHit): boolean {
  if (name !== null) return isPermitted(actor, 'table:read', { catalog, namespace, table: name })
  return entry === null
    ? canEnter(actor, { catalog, namespace })
    : isPermitted(actor, 'catalog:read', { catalog, namespace })
}

function toRankedHit({ object, entry, changedAtMs }: IndexHit): RankedHit {
  const { catalog, namespace, name, kind } = object
  const identity = { catalog, namespace, entry: name === null || kind === 'namespace' ? null : { kind, name } }
  const path = namespaceLabel(name === null ? namespace : [...namespace, name])
  return entry === null
    ? { kind, ...identity, name: name ?? namespace.at(-1) ?? '', detail: null, target: null, path, changedAtMs }
    : { ...identity, ...entry, path, changedAtMs }
}

/** An object is found by its beginning and by its parts. */
function dedupe(hits: readonly RankedHit[]): RankedHit[] {
  return [
    ...new Map(
      hits.map((hit) => [
        JSON.stringify([hit.kind, hit.catalog, hit.namespace, hit.entry, hit.name, hit.detail, hit.target]),
        hit,
      ]),
    ).values(),
  ]
}

/** The closest of each kind; the kind with the closest one first. */
function pickHits(
  hits: readonly RankedHit[],
  { words, kinds }: ParsedSearch,
): { hits: FoundHit[]; isTruncated: boolean } {
  const limit = kinds?.length === 1 || words.length === 0 ? MAX_OF_ONLY_KIND : MAX_PER_KIND
  const groups = SEARCH_KINDS.map((kind) => {
    const ranked = rankHits(
      hits.filter((hit) => hit.kind === kind),
      words,
    )
    return kinds === null && isShared(kind) ? distinctNames(ranked) : ranked
  }).filter((group) => group.length > 0)
  const closenessOfGroup = ([first]: readonly RankedHit[]) => (first ? closenessOf(first, words) : 0)
  const ordered = groups.toSorted((a, b) => closenessOfGroup(a) - closenessOfGroup(b))
  return {
    hits: ordered.flatMap((group) =>
      group.slice(0, limit).map(({ path: _path, changedAtMs: _changedAtMs, ...hit }) => hit),
    ),
    isTruncated: groups.some((group) => group.length > limit),
  }
}

/** The first hit of each name. */
function distinctNames(hits: readonly RankedHit[]): RankedHit[] {
  return [...new Map(hits.toReversed().map((hit) => [hit.name, hit])).values()].toReversed()
}

function toOutdated(
  { database }: Pick<SearchServices, 'database'>,
  source: SearchSource,
  indexedCatalogs: ReadonlyMap<string, IndexedCatalog>,
): SearchResult['outdated'] {
  const { catalog } = source
  const indexed = indexedCatalogs.get(catalog)
  if (!indexed || !isOf(indexed, source)) return [{ catalog, indexedAtMs: null }]
  // Each write to our own catalog is indexed by itself.
  const isOld = source.source !== 'embedded' && database.nowMs() - indexed.crawledAtMs > OLD_AFTER_MS
  return isOld ? [{ catalog, indexedAtMs: indexed.crawledAtMs }] : []
}
