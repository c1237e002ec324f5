import * as z from 'zod'
import { BADGES, MAX_TAGS } from '@/lib/iceberg/properties/about'
import { endpoint } from './endpoint'
import { inlineProblem } from './shapes/inline-problem'
import { contractSchemas } from './shapes/schemas'
import { CONTENT_SORTS, RHYTHM_DAYS } from './shapes/plain-values'
import {
  catalogInput,
  count,
  instantMs,
  intInQuery,
  listedNamespace,
  namespaceInput,
  namespaceOnWire,
} from './shapes/wire'

/**
 * The properties of a table that describe it: `comment` and `owner` cut to a line, `lakeshore.tags` and
 * `lakeshore.badge`.
 */
const aboutOnWire = z
  .object({
    description: z.string().nullable(),
    owner: z.string().nullable(),
    tags: z.array(z.string()).max(MAX_TAGS),
    badge: z.enum(BADGES).nullable(),
    badgeReason: z.string().nullable(),
    isProtected: z.boolean(),
  })
  .register(contractSchemas, { id: 'TableAbout' })

export const namespaceEntry = z
  .object({
    namespace: listedNamespace,
    /** Directly in it. */
    namespaceCount: count,
    tableCount: count,
    viewCount: count,
  })
  .register(contractSchemas, { id: 'NamespaceEntry' })
export type NamespaceEntry = z.output<typeof namespaceEntry>

export const listNamespaces = endpoint({
  summary: 'Lists the namespaces in a namespace, or at the top of a catalog, that the caller may enter, by name',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces',
  permission: 'signed-in',
  input: catalogInput.extend({
    parent: namespaceOnWire.optional(),
    /** Lists only namespaces whose last level contains it, without case and accents; one that equals it is first. */
    search: z.string().max(1000).optional(),
  }),
  output: z.object({
    namespaces: z.array(namespaceEntry).max(1000),
    /** There are more, which this response leaves out. */
    isTruncated: z.boolean(),
    /** Number of entries whose name cannot be used in a request, such as an empty name. */
    skippedCount: count,
  }),
})

export const getNamespace = endpoint({
  summary: 'Returns the properties of a namespace',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace',
  permission: 'signed-in',
  input: namespaceInput,
  output: z.object({
    properties: z.record(z.string(), z.string()),
    location: z.string().nullable(),
    /** Proposals of the namespace itself; 0 for callers who may not read them. */
    openProposalCount: count,
  }),
})

export const listBadges = endpoint({
  summary: 'Lists the badges of the tables, views and namespaces directly in a namespace, or at the top of a catalog',
  description:
    'Badges come from the search index, which follows a change within seconds. Catalogs that require personal credentials have none.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/badges',
  permission: 'signed-in',
  input: catalogInput.extend({ parent: namespaceOnWire.optional() }),
  output: z.object({
    badges: z
      .array(
        z.object({
          kind: z.enum(['namespace', 'table', 'view']),
          /** The last level of a namespace. */
          name: z.string(),
          badge: z.enum(BADGES),
          badgeReason: z.string().nullable(),
        }),
      )
      .max(1000),
    /** There are more, which this response leaves out. */
    isTruncated: z.boolean(),
    /** Something that the caller may see there has changed and is not indexed yet. */
    isIndexing: z.boolean(),
  }),
})
export type EntryBadge = z.output<typeof listBadges.output>['badges'][number]

export const listTables = endpoint({
  summary: 'Lists the names of the tables in a namespace that the caller may read',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables',
  permission: 'signed-in',
  input: namespaceInput.extend({
    /** Lists only names that contain it, without case and accents. */
    search: z.string().max(1000).optional(),
    offset: intInQuery.optional(),
  }),
  output: z.object({ tables: z.array(z.string()).max(1000), totalCount: count, nextOffset: z.int().nullable() }),
})

/** Compression of a table's live files. Plain: values at their type's width; stored: bytes in the files. */
export const tableRatio = z.object({
  plainBytes: count,
  storedBytes: count,
  /** Whether some plain sizes are estimated because they were not counted while writing. */
  isEstimated: z.boolean(),
})

export const tableSummary = z
  .object({
    formatVersion: z.int(),
    /** Null if the snapshot's summary and its manifests do not say. Rows in data files: deletes are not subtracted. */
    rowCount: count.nullable(),
    liveBytes: count.nullable(),
    dataFileCount: count.nullable(),
    deleteFileCount: count.nullable(),
    /** Null when the sizes of some live files are unknown. */
    ratio: tableRatio.nullable(),
    /** `month(date), origin`, or empty. */
    partitionedBy: z.string(),
    /** Commits still in the metadata, by day, oldest first; the last day ends now. */
    commitsByDay: z.array(count).length(RHYTHM_DAYS),
    /** The time of the snapshot of `main`, also after a rollback to it. Null without one. */
    lastCommitMs: instantMs.nullable(),
    about: aboutOnWire,
  })
  .register(contractSchemas, { id: 'TableSummary' })
export type TableSummary = z.output<typeof tableSummary>

/** A table in the list: its figures, or why they could not be read. */
export const tableSummaryEntry = z
  .object({
    table: z.string(),
    summary: tableSummary.nullable(),
    problem: inlineProblem.nullable(),
  })
  .register(contractSchemas, { id: 'TableSummaryEntry' })
export type TableSummaryEntry = z.output<typeof tableSummaryEntry>

/** An entry of a namespace with what a list shows of it. */
const namespaceContent = z
  .discriminatedUnion('kind', [
    namespaceEntry.extend({ kind: z.literal('namespace') }),
    tableSummaryEntry.extend({ kind: z.literal('table') }),
    z.object({ kind: z.literal('view'), view: z.string() }),
  ])
  .register(contractSchemas, { id: 'NamespaceContent' })
export type NamespaceContent = z.output<typeof namespaceContent>

export const listNamespaceContents = endpoint({
  summary: 'Lists the namespaces, tables and views in a namespace that the caller may see, a page at a time',
  description:
    'Tables come with their figures. `search` is looked for in the names of all entries, without case and accents. By default namespaces come first, then tables, then views, each by name. Of a catalog on another server, at most 10,000 names of each kind are read.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/contents',
  permission: 'signed-in',
  input: namespaceInput.extend({
    search: z.string().max(1000).optional(),
    kind: z.enum(['namespace', 'table', 'view']).optional(),
    sort: z.enum(CONTENT_SORTS).optional(),
    offset: intInQuery.optional(),
  }),
  output: z.object({
    entries: z.array(namespaceContent).max(100),
    /** Entries that match, on all pages. */
    totalCount: count,
    /** All entries of the namespace by their kind, whatever was searched for. */
    counts: z.object({ namespace: count, table: count, view: count }),
    /** The catalog has more names than were read: only those that were read are searched, sorted and counted. */
    isTruncated: z.boolean(),
    /** Number of namespaces whose name cannot be used in a request, such as an empty name. */
    skippedCount: count,
    readAtMs: instantMs,
    nextOffset: z.int().nullable(),
  }),
})
