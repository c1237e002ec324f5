import { z } from 'zod'
import { catalogAbilities, catalogKind } from './catalogs'
import { endpoint } from './endpoint'
import { refOnWire, schemaOnWire } from './iceberg-shapes'
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

export const tableDetail = z.object({
  tableUuid: z.string(),
  formatVersion: z.int(),
  catalogKind,
  /** What can be done to it here: what its catalog cannot is not offered. */
  abilities: catalogAbilities,
  /** What an engine on the machine of the lake is given to reach the catalog: `sqlite:////…/lakeshore.db`. */
  catalogUri: z.string(),
  catalogWarehouse: z.string().nullable(),
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
export type TableDetail = z.output<typeof tableDetail>

/** One table, as of a ref, a snapshot or a time. */
export const getTable = endpoint({
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table',
  permission: 'table:read',
  input: tableAsOfInput,
  output: tableDetail,
})
