import { z } from 'zod'
import { catalogAbilities, catalogKind } from './catalogs'
import { endpoint } from './endpoint'
import { refOnWire, schemaOnWire } from './iceberg-shapes'
import { contractSchemas } from './schemas'
import { count, instantMs, longId, tableAsOfInput } from './wire'

/** The five figures of a table; null where no snapshot summary says them. */
const figures = z.object({
  rowCount: count.nullable(),
  liveBytes: count.nullable(),
  dataFileCount: count.nullable(),
  deleteFileCount: count.nullable(),
})

/** What is shown, and how it was asked for. */
const shown = z.object({
  /** Null while the table has no snapshot. */
  snapshotId: longId.nullable(),
  committedAtMs: instantMs.nullable(),
  /** The branch or tag that was asked for; `main` where nothing was. */
  ref: refOnWire.nullable(),
  /** Whether it is the tip of `main`: only then can the table be changed from here. */
  isNow: z.boolean(),
})

/** How an engine signs in to a catalog over REST. What proves it is never here. */
export const restSignIn = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('bearer') }),
  /** Client credentials; a null `tokenUri` is the catalog's own. */
  z.object({ kind: z.literal('oauth2'), tokenUri: z.string().nullable(), scope: z.string().nullable() }),
  z.object({ kind: z.literal('basic') }),
  z.object({ kind: z.literal('sigv4'), region: z.string(), service: z.string() }),
])

/** Where an engine finds a catalog over the Iceberg REST protocol. */
export const restAccess = z
  .object({
    /** The base that `/v1/…` is appended to. */
    uri: z.string(),
    /** Null: the catalog's default. */
    warehouse: z.string().nullable(),
    /** Of paths, encoded as it stands there; null: only `/v1/config` says it. */
    prefix: z.string().nullable(),
    signIn: restSignIn,
    /** What an engine asks for with `X-Iceberg-Access-Delegation`; none: it reaches the files by means of its own. */
    delegation: z.enum(['none', 'vended-credentials', 'remote-signing']),
  })
  .register(contractSchemas, { id: 'RestAccess' })
export type RestAccess = z.output<typeof restAccess>

/** The ways by which engines reach a table's catalog; neither where it has none. */
export const catalogAccess = z
  .object({
    rest: restAccess.nullable(),
    /** The embedded catalog's database file, `sqlite:////…/lakeshore.db`, for engines on the machine of the lake. */
    database: z.object({ uri: z.string(), warehouse: z.string() }).nullable(),
    /**
     * The S3 store of the table's files, as the lake or the connection has it, for engines that the catalog itself does
     * not tell; never a key.
     */
    s3: z.object({ endpoint: z.string().nullable(), region: z.string(), isPathStyle: z.boolean() }).nullable(),
  })
  .register(contractSchemas, { id: 'CatalogAccess' })
export type CatalogAccess = z.output<typeof catalogAccess>

export const tableDetail = z
  .object({
    tableUuid: z.string(),
    formatVersion: z.int(),
    catalogKind,
    /** What can be done to it here: what its catalog cannot is not offered. */
    abilities: catalogAbilities,
    catalogAccess,
    location: z.string(),
    /** The version this answer was read from; what a change is reviewed against. */
    metadataLocation: z.string(),
    lastUpdatedMs: instantMs,
    properties: z.record(z.string(), z.string()),
    figures,
    shown,
    /** The schema that goes with what is shown. */
    schema: schemaOnWire,
    /** Of the table, now: `month(date), origin`, or empty. */
    partitionedBy: z.string(),
    sortedBy: z.string(),
    refs: z.array(refOnWire.extend({ snapshotId: longId })),
    /** Commits to `main`, oldest first, as the snapshot log has them. The newest 1,000. */
    timeline: z.array(z.object({ snapshotId: longId, committedAtMs: instantMs, isTagged: z.boolean() })),
    snapshotCount: count,
  })
  .register(contractSchemas, { id: 'TableDetail' })
export type TableDetail = z.output<typeof tableDetail>

export const getTable = endpoint({
  summary: 'Returns a table as of a ref, a snapshot or a time',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table',
  permission: 'table:read',
  input: tableAsOfInput,
  output: tableDetail,
})
