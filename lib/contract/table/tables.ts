import * as z from 'zod'
import { catalogAbilities, catalogKind } from '../catalogs'
import { endpoint } from '../endpoint'
import { refOnWire, schemaOnWire } from '../shapes/iceberg-shapes'
import { inlineProblem } from '../shapes/inline-problem'
import { contractSchemas } from '../shapes/schemas'
import { count, instantMs, longId, tableAsOfInput, tableInput } from '../shapes/wire'

/** The five figures of a table; null if no snapshot summary has them. */
const figures = z.object({
  rowCount: count.nullable(),
  liveBytes: count.nullable(),
  dataFileCount: count.nullable(),
  deleteFileCount: count.nullable(),
})

/** The state that is shown, and how it was requested. */
const shown = z.object({
  /** Null while the table has no snapshot. */
  snapshotId: longId.nullable(),
  committedAtMs: instantMs.nullable(),
  /** The requested branch or tag; by default `main`. */
  ref: refOnWire.nullable(),
  /** Whether it is the tip of `main`: only then can the console change the table. */
  isCurrent: z.boolean(),
})

/** How an engine signs in to a catalog over REST. It never contains a secret. */
export const restSignIn = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('bearer') }),
  /** Client credentials; a null `tokenUri` is the catalog's own endpoint. */
  z.object({ kind: z.literal('oauth2'), tokenUri: z.string().nullable(), scope: z.string().nullable() }),
  z.object({ kind: z.literal('basic') }),
  z.object({ kind: z.literal('sigv4'), region: z.string(), service: z.string() }),
])

/** How an engine reaches a catalog over the Iceberg REST protocol. */
export const restAccess = z
  .object({
    /** The base that `/v1/…` is appended to. */
    uri: z.string(),
    /** Null: the catalog's default. */
    warehouse: z.string().nullable(),
    /** Path prefix, percent-encoded as in the path; null: only `/v1/config` has it. */
    prefix: z.string().nullable(),
    signIn: restSignIn,
    /** The engine's `X-Iceberg-Access-Delegation`; none: it reaches the files with its own credentials. */
    delegation: z.enum(['none', 'vended-credentials', 'remote-signing']),
  })
  .register(contractSchemas, { id: 'RestAccess' })
export type RestAccess = z.output<typeof restAccess>

/** The ways in which engines reach a table's catalog; both null when it has none. */
export const catalogAccess = z
  .object({
    rest: restAccess.nullable(),
    /** The embedded catalog's database file, `sqlite:////…/lakeshore.db`, for engines on the same machine. Only for admins. */
    database: z.object({ uri: z.string(), warehouse: z.string() }).nullable(),
    /**
     * The S3 store of the table's files from the settings or the connection, for engines that do not get it from the
     * catalog; never a key.
     */
    s3: z.object({ endpoint: z.string().nullable(), region: z.string(), isPathStyle: z.boolean() }).nullable(),
  })
  .register(contractSchemas, { id: 'CatalogAccess' })
export type CatalogAccess = z.output<typeof catalogAccess>

export const tableDetail = z
  .object({
    tableUuid: z.string(),
    formatVersion: z.int(),
    /** Why rows and files of the table cannot be read; null if they can. */
    unreadable: inlineProblem.nullable(),
    catalogKind,
    /** Abilities of the table's catalog for this table; the console hides the others. */
    abilities: catalogAbilities,
    catalogAccess,
    location: z.string(),
    /** The metadata file that this response was read from; a change is reviewed against it. */
    metadataLocation: z.string(),
    lastUpdatedMs: instantMs,
    /** Now, whatever state is shown: Iceberg keeps no past of them. */
    properties: z.record(z.string(), z.string()),
    figures,
    shown,
    /** The schema of the shown state. */
    schema: schemaOnWire,
    /** The partitioning of the shown state: `month(date), origin`, or empty. Null if `shownMetadata` is. */
    partitionedBy: z.string().nullable(),
    sortedBy: z.string().nullable(),
    /** Ids of the fields that the shown state is partitioned and sorted by. Null if `shownMetadata` is. */
    partitionSourceIds: z.array(z.int()).nullable(),
    sortSourceIds: z.array(z.int()).nullable(),
    /** The metadata file of the shown state, and its content; null when it is not known, gone or unreadable. */
    shownMetadata: z
      .object({ location: z.string(), lastUpdatedMs: instantMs, snapshotCount: count, refNames: z.array(z.string()) })
      .nullable(),
    /** Why `shownMetadata` is null. */
    shownMetadataProblem: z.string().nullable(),
    refs: z.array(refOnWire.extend({ snapshotId: longId })),
    /** Commits to `main` in the snapshot log, oldest first. The newest 1,000. */
    timeline: z.array(z.object({ snapshotId: longId, committedAtMs: instantMs, isTagged: z.boolean() })),
    /** Proposals that wait for a decision. */
    openProposalCount: count,
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

/** How many of the snapshots with a schema are named, the newest. */
export const MAX_SCHEMA_SNAPSHOTS = 50

export const tableLayouts = z
  .object({
    /** The text of a metadata file: its numbers can have 64 bits. */
    metadata: z.string(),
    /** The snapshots that were written with each schema. */
    schemaUses: z.array(
      z.object({
        schemaId: z.int(),
        snapshotCount: count,
        /** Newest first. */
        snapshots: z.array(z.object({ snapshotId: longId, committedAtMs: instantMs })).max(MAX_SCHEMA_SNAPSHOTS),
      }),
    ),
  })
  .register(contractSchemas, { id: 'TableLayouts' })
export type TableLayouts = z.output<typeof tableLayouts>

export const getTableLayouts = endpoint({
  summary: 'Returns the schemas, partition specs and sort orders that a table has had',
  description:
    '`metadata` is the text of a metadata file with all that an editor of the table needs: every schema, partition spec and sort order, the properties, and the newest snapshot of each schema. Other snapshots, refs, logs and statistics are left out.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/layouts',
  permission: 'table:read',
  input: tableInput,
  output: tableLayouts,
})
