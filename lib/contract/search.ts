import * as z from 'zod'
import { ENTRY_KINDS, OBJECT_KINDS } from '@/lib/search/entry-kinds'
import { endpoint } from './endpoint'
import { RUN_STATES } from './jobs'
import { tableBadge, unreachableCatalog } from './shapes/lake'
import { contractSchemas } from './shapes/schemas'
import { count, entryName, instantMs, listedNamespace } from './shapes/wire'

export const searchHit = z
  .object({
    catalog: z.string(),
    namespace: listedNamespace,
    /** Null: the namespace itself. */
    entry: z.object({ kind: z.enum(['table', 'view']), name: z.string() }).nullable(),
  })
  .register(contractSchemas, { id: 'SearchHit' })
export type SearchHit = z.output<typeof searchHit>

export const foundHit = z
  .object({
    ...searchHit.shape,
    /** The kind of the hit: a table, a view or a namespace, or something in it. */
    kind: z.enum([...OBJECT_KINDS, ...ENTRY_KINDS]),
    /** The name of a column, a tag, a property, a branch or a file; a snapshot id; the text of a description. */
    name: z.string(),
    /** The doc or type of a column, the value of a property, the kind of a file, the badge of a table or view. */
    detail: z.string().nullable(),
    /** The id of a column, the location of a file. */
    target: z.string().nullable(),
  })
  .register(contractSchemas, { id: 'FoundHit' })
export type FoundHit = z.output<typeof foundHit>

export const foundQuery = z
  .object({ queryId: z.string(), name: z.string(), ownerName: z.string() })
  .register(contractSchemas, { id: 'FoundQuery' })
export type FoundQuery = z.output<typeof foundQuery>

/** Paths of files are long. */
const query = z.string().max(2048)
const state = {
  /** There are more results than returned. */
  isTruncated: z.boolean(),
  /** Catalogs that are searched without an index, and could not be. */
  unreachable: z.array(unreachableCatalog).max(200),
}

export const searchLake = endpoint({
  summary: 'Finds tables, views and namespaces whose full name contains every word, closest first',
  method: 'GET',
  path: '/api/v1/search/names',
  permission: 'signed-in',
  input: z.object({ query }),
  output: z.object({
    hits: z.array(searchHit).max(50),
    /** Badges of the tables and views among them. */
    badges: z.array(tableBadge).max(50),
    ...state,
  }),
})

export const searchEverything = endpoint({
  summary: 'Finds tables, views, namespaces and their contents by words, closest first',
  description:
    'Columns, descriptions, owners, tags, badges, properties, snapshots, branches and files are found in an index. A kind before a colon narrows it: `column:price`. If nothing is found, the longest word may have one typing mistake, if it has five letters or more. Catalogs that require personal credentials are searched by names only.',
  method: 'GET',
  path: '/api/v1/search',
  permission: 'signed-in',
  input: z.object({ query }),
  output: z.object({
    /** Hits of one kind follow each other. */
    hits: z.array(foundHit).max(200),
    /** Saved queries of the user, and shared ones. */
    queries: z.array(foundQuery).max(20),
    ...state,
    /** Catalogs whose index is old, or (null) not complete yet. */
    outdated: z.array(z.object({ catalog: z.string(), indexedAtMs: instantMs.nullable() })).max(200),
  }),
})

export const searchIndex = z
  .object({
    catalog: z.string(),
    /**
     * The credentials with which search reads it; `own`: none, because it is Lakeshore's own; `none`: it is not
     * indexed, but searched live by names, with the credentials of each user.
     */
    reader: z.enum(['own', 'shared', 'search', 'none']),
    /** Tables and views that search finds. */
    tableCount: count,
    /** When it was last read completely; null: not yet as it is now. */
    crawledAtMs: instantMs.nullable(),
    /** It is larger than a crawl reads. */
    isTruncated: z.boolean(),
    lastRun: z.object({ runId: z.string(), state: z.enum(RUN_STATES), failure: z.string().nullable() }).nullable(),
  })
  .register(contractSchemas, { id: 'SearchIndex' })
export type SearchIndex = z.output<typeof searchIndex>

export const listSearchIndexes = endpoint({
  summary: 'Lists the state of the search index for each catalog',
  method: 'GET',
  path: '/api/v1/search-indexes',
  permission: 'console:admin',
  input: z.object({}),
  output: z.object({ indexes: z.array(searchIndex).max(200) }),
})

export const indexCatalog = endpoint({
  summary: 'Reads a catalog for the search index, as a run',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/search-index',
  permission: 'console:admin',
  input: z.object({ catalog: entryName }),
  output: z.object({ runId: z.string() }),
})
