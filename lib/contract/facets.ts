import * as z from 'zod'
import { endpoint } from './endpoint'
import { tableSummaryEntry } from './namespaces'
import { contractSchemas } from './shapes/schemas'
import { count, intInQuery, listedNamespace } from './shapes/wire'

const facetKind = z.enum(['owner', 'tag'])
export type FacetKind = z.output<typeof facetKind>

/** An owner or a tag. */
const facet = z
  .object({
    name: z.string(),
    /** Tables and views that have it, and that the caller may read. */
    entryCount: count,
  })
  .register(contractSchemas, { id: 'Facet' })
export type Facet = z.output<typeof facet>

/** A view has no figures. */
const facetEntry = tableSummaryEntry
  .extend({ kind: z.enum(['table', 'view']), catalog: z.string(), namespace: listedNamespace })
  .register(contractSchemas, { id: 'FacetEntry' })
export type FacetEntry = z.output<typeof facetEntry>

const coverage = {
  /** Catalogs that the search index has not read completely, or does not have for the caller. */
  incompleteCatalogs: z.array(z.string()).max(200),
}

export const listFacets = endpoint({
  summary: 'Lists the owners or the tags of tables and views, the most frequent first',
  description:
    'By the search index: only what the caller may read counts. Tags of columns do not. `search` is looked for in all of them, without case and accents.',
  method: 'GET',
  path: '/api/v1/facets/:kind',
  permission: 'signed-in',
  input: z.object({ kind: facetKind, search: z.string().max(1000).optional() }),
  output: z.object({
    facets: z.array(facet).max(1000),
    /** There are more than these. */
    isTruncated: z.boolean(),
    ...coverage,
  }),
})

export const listFacetEntries = endpoint({
  summary: 'Lists the tables and views with an owner or a tag, by name, a page at a time',
  description: 'Case and accents of the name do not matter.',
  method: 'GET',
  path: '/api/v1/facets/:kind/entries',
  permission: 'signed-in',
  input: z.object({ kind: facetKind, name: z.string().min(1).max(1000), offset: intInQuery.optional() }),
  output: z.object({ entries: z.array(facetEntry).max(50), nextOffset: z.int().nullable(), ...coverage }),
})
