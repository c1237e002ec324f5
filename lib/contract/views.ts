import * as z from 'zod'
import { catalogAbilities, catalogKind } from './catalogs'
import { endpoint } from './endpoint'
import { schemaOnWire } from './shapes/iceberg-shapes'
import { contractSchemas } from './shapes/schemas'
import { count, entryName, instantMs, intInQuery, namespaceInput } from './shapes/wire'

export const listViews = endpoint({
  summary: 'Lists the names of the views in a namespace that the caller may read',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/views',
  permission: 'signed-in',
  input: namespaceInput.extend({
    /** Lists only names that contain it, without case and accents. */
    search: z.string().max(1000).optional(),
    offset: intInQuery.optional(),
  }),
  output: z.object({ views: z.array(z.string()).max(1000), totalCount: count, nextOffset: z.int().nullable() }),
})

/** The view's query in one language. A representation that is not SQL is returned as JSON, never left out. */
const representation = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('sql'), dialect: z.string(), sql: z.string() }),
    z.object({
      type: z.literal('other'),
      /** The kind, as named by the writer. */
      kind: z.string(),
      /** Indented. */
      json: z.string(),
    }),
  ])
  .register(contractSchemas, { id: 'Representation' })
export type Representation = z.output<typeof representation>

export const viewVersion = z
  .object({
    versionId: z.int(),
    createdAtMs: instantMs,
    /** The id of one of the view's schemas; only the current version's schema is sure to exist. */
    schemaId: z.int(),
    /** Engine and version that wrote it, from the summary; null if it has none. */
    writer: z.string().nullable(),
    summary: z.record(z.string(), z.string()),
    /** Where unqualified names are looked up; null and empty when the version does not say. */
    defaultCatalog: z.string().nullable(),
    defaultNamespace: z.array(z.string()),
    representations: z.array(representation),
  })
  .register(contractSchemas, { id: 'ViewVersion' })
export type ViewVersion = z.output<typeof viewVersion>

/** The most versions in one response; views keep ten by default. */
export const MAX_VIEW_VERSIONS = 200

export const viewDetail = z
  .object({
    viewUuid: z.string(),
    formatVersion: z.int(),
    catalogKind,
    /** Abilities of the catalog. */
    abilities: catalogAbilities,
    location: z.string(),
    /** The metadata file that this response was read from. */
    metadataLocation: z.string(),
    properties: z.record(z.string(), z.string()),
    currentVersionId: z.int(),
    /** When the current version became current; null if the log does not say. */
    currentSinceMs: instantMs.nullable(),
    /** The newest versions, newest first; always includes the current one. */
    versions: z.array(viewVersion).max(MAX_VIEW_VERSIONS),
    versionCount: count,
    /** Proposals that wait for a decision. */
    openProposalCount: count,
    /** The schemas that `versions` refer to. */
    schemas: z.array(schemaOnWire),
  })
  .register(contractSchemas, { id: 'ViewDetail' })
export type ViewDetail = z.output<typeof viewDetail>

export const getView = endpoint({
  summary: 'Returns a view with its versions',
  description: 'Tables and views of a namespace share one set of names.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/views/:view',
  permission: 'table:read',
  resources: ({ catalog, namespace, view }) => [{ catalog, namespace, table: view }],
  input: namespaceInput.extend({ view: entryName }),
  output: viewDetail,
})
