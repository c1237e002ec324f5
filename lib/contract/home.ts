import * as z from 'zod'
import { series } from './dashboards'
import { endpoint } from './endpoint'
import {
  catalogsBehind,
  fileCoverage,
  lakeCommit,
  repeatedTables,
  tableBadge,
  timeSpanInput,
  tableIdentifierOnWire,
} from './shapes/lake'
import { actingClient } from './shapes/acting-client'
import { changeSource } from './shapes/change-origin'
import { contractSchemas } from './shapes/schemas'
import { count, instantMs } from './shapes/wire'

/** The age of a table's last commit compared with its usual commit interval. */
export const tableFreshness = z
  .object({
    table: tableIdentifierOnWire,
    lastCommitMs: instantMs,
    /** Median time between its latest loads; null when there are too few loads to tell. */
    medianIntervalMs: count.nullable(),
  })
  .register(contractSchemas, { id: 'TableFreshness' })
export type TableFreshness = z.output<typeof tableFreshness>

/** A change of a table, a view or a namespace: from this console, over its REST catalog, or a commit by another writer. */
export const lakeEvent = z
  .object({
    atMs: instantMs,
    /** A view has its name as `table`, which is null for a change of the namespace. */
    target: tableIdentifierOnWire.extend({ table: z.string().nullable() }),
    /** Whether it is a view; false for a namespace. */
    isView: z.boolean(),
    /** `append`, `delete` … for a commit; the audit's action for an audited change. */
    action: z.string(),
    source: changeSource,
    /** The kind of the run, if the source is a job. */
    job: z.string().nullable(),
    /** The user, or the writer; null if neither is known. */
    actor: z.string().nullable(),
    /** The engine that made the change. */
    via: actingClient.nullable(),
    commit: lakeCommit.nullable(),
  })
  .register(contractSchemas, { id: 'LakeEvent' })
export type LakeEvent = z.output<typeof lakeEvent>

export const getHome = endpoint({
  summary: 'Returns the figures of the home page',
  method: 'GET',
  path: '/api/v1/home',
  permission: 'signed-in',
  input: timeSpanInput,
  output: repeatedTables.extend({
    readAtMs: instantMs,
    behind: catalogsBehind,
    /** Catalogs that exist and that the user may enter. */
    catalogCount: count,
    /** Namespaces that directly have a table in the figures. */
    namespaceCount: count,
    /** Tables in the figures. */
    tableCount: count,
    /**
     * Tables whose history was not read yet, so that they are in none of the figures. How many another catalog has is known
     * from its last list, and said to readers of the whole catalog only.
     */
    unreadTableCount: count,
    /** Tables of the demo lake: their commit times are spread over thirty days, and their writers are invented. */
    demoTableCount: count,
    /** Badges of the tables that the response names. */
    badges: z.array(tableBadge).max(200),
    /** Rows in data files, on the main branch. */
    rowCount: z.int(),
    /** Bytes of data and delete files. */
    liveBytes: z.int(),
    /** In the last 24 whole hours: commits to main, and how much `rowCount` and `liveBytes` have changed. */
    day: z.object({
      commits: count,
      commitsDayBefore: count,
      rows: z.int(),
      bytes: z.int(),
    }),
    ratio: z
      .object({
        plainBytes: count,
        storedBytes: count,
        isEstimated: z.boolean(),
      })
      .nullable(),
    /** The files in the ratio, as on the compression dashboard. */
    files: fileCoverage,
    /** The largest by live bytes; the first 50. */
    tables: z
      .array(
        z.object({
          table: tableIdentifierOnWire,
          rowCount: z.int(),
          liveBytes: z.int(),
          dataFileCount: z.int(),
          /** Over its data files; null if one of them is unknown. */
          plainBytes: count.nullable(),
          storedBytes: count,
          isEstimated: z.boolean(),
        }),
      )
      .max(50),
    /** Rows that came in, per step, by table. */
    series: z.array(series).max(7),
    buckets: z.array(z.object({ startMs: instantMs, rows: z.array(count), bytes: z.array(count) })).max(400),
    /** The most delayed first; the first 50. */
    freshness: z.array(tableFreshness).max(50),
    /** Newest first; the first 50. */
    events: z.array(lakeEvent).max(50),
    /** Before this time only commits are listed, because older changes were not looked up; null if none is left out. */
    eventsCompleteSinceMs: instantMs.nullable(),
  }),
})
export type Home = z.output<typeof getHome.output>
