import * as z from 'zod'
import { endpoint } from './endpoint'
import { fileCoverage, lakeCommit, lakeCoverage, timeSpanInput, tableIdentifierOnWire } from './shapes/lake'
import { INGESTION_SPLITS } from './shapes/plain-values'
import { contractSchemas } from './shapes/schemas'
import { count, entryName, instantMs, namespaceOnWire } from './shapes/wire'

/** The part of the lake that a dashboard covers; by default all of it. */
const scopeInput = z.object({ catalog: entryName.optional(), namespace: namespaceOnWire.optional() })

export type IngestionSplit = (typeof INGESTION_SPLITS)[number]

const flow = z
  .object({ rows: count, bytes: count, files: count, commits: count })
  .register(contractSchemas, { id: 'Flow' })
export type Flow = z.output<typeof flow>

/** One coloured series of a chart. */
export const series = z
  .object({
    key: z.string(),
    label: z.string(),
    /** The table, if the series is one. */
    table: tableIdentifierOnWire.nullable(),
  })
  .register(contractSchemas, { id: 'Series' })
export type Series = z.output<typeof series>

export const getIngestion = endpoint({
  summary: 'Returns rows, bytes, files and commits added over time, by table, operation or writer',
  method: 'GET',
  path: '/api/v1/dashboards/ingestion',
  permission: 'signed-in',
  input: timeSpanInput.extend({ ...scopeInput.shape, by: z.enum(INGESTION_SPLITS) }),
  output: lakeCoverage.extend({
    /** Those with the largest share of any metric first, at most six; `other` last if there are more. */
    series: z.array(series).max(7),
    /** Oldest first; `values` in the order of `series`. */
    buckets: z.array(z.object({ startMs: instantMs, values: z.array(flow) })).max(400),
    totals: flow.extend({
      removedRows: count,
      tables: count,
      /** Mean size of the added data files whose sizes the summaries have; null if there are none. */
      meanFileBytes: count.nullable(),
      /** The added data files of that mean. */
      meanFileCount: count,
      /** Input bytes, over the commits whose summary reports them. */
      inputBytes: count,
      inputCommits: count,
      /** Commits whose summary has no counts: they count as commits only. */
      commitsWithoutCounts: count,
    }),
    /** These figures for the previous span of equal length. */
    previous: flow,
    /** Newest first. */
    newest: z.array(lakeCommit).max(200),
  }),
})

const codecBytes = z.object({ codec: z.string(), storedBytes: count })

export const tableCompression = z
  .object({
    table: tableIdentifierOnWire,
    /** The configured `write.parquet.compression-codec`; null if it is not set. */
    configuredCodec: z.string().nullable(),
    /** Sums over live data files; null if one of them is unknown. */
    plainBytes: count.nullable(),
    encodedBytes: count.nullable(),
    /** The stored bytes of files with known sizes. */
    storedBytes: count,
    /** Sums over the files whose plain and stored sizes are both known, as in the history. */
    compared: z.object({ plainBytes: count, encodedBytes: count, storedBytes: count }),
    isEstimated: z.boolean(),
    fileCount: count,
    /** Files whose sizes are not known: not Parquet, not readable, or not read yet. */
    unknownCount: count,
    /** The most frequent first. */
    codecs: z.array(codecBytes),
  })
  .register(contractSchemas, { id: 'TableCompression' })
export type TableCompression = z.output<typeof tableCompression>

export const columnCompression = z
  .object({
    table: tableIdentifierOnWire,
    column: z.string(),
    type: z.string(),
    codec: z.string().nullable(),
    storedBytes: count,
    /** For columns with fixed-width values; null for strings and binaries, whose lengths are not recorded by column. */
    plainBytes: count.nullable(),
  })
  .register(contractSchemas, { id: 'ColumnCompression' })
export type ColumnCompression = z.output<typeof columnCompression>

export const getCompression = endpoint({
  summary: 'Returns plain, encoded and stored bytes, by table, column and codec, and over time',
  method: 'GET',
  path: '/api/v1/dashboards/compression',
  permission: 'signed-in',
  input: timeSpanInput.extend(scopeInput.shape),
  output: lakeCoverage.extend({
    /** The same count as on the home page. */
    files: fileCoverage,
    tables: z.array(tableCompression).max(1000),
    /** The largest by stored bytes, at most 200. */
    columns: z.array(columnCompression).max(200),
    columnCount: count,
    /** Input bytes of these tables, over the commits whose summary reports them. */
    input: z.object({ bytes: count, commits: count, totalCommits: count }),
    /**
     * The lake's files of known sizes at the end of each step, and the number of its other files; bytes are null when
     * the state of a table at that time is gone.
     */
    history: z
      .array(
        z.object({
          atMs: instantMs,
          plainBytes: count.nullable(),
          storedBytes: count.nullable(),
          unmeasuredCount: count,
        }),
      )
      .max(401),
  }),
})
export type Compression = z.output<typeof getCompression.output>
export type Ingestion = z.output<typeof getIngestion.output>
