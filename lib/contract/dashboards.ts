import { z } from 'zod'
import { endpoint } from './endpoint'
import { lakeCommit, lakeCoverage, timeSpanInput, tableIdentifierOnWire } from './lake'
import { contractSchemas } from './schemas'
import { count, instantMs, namespaceOnWire } from './wire'

/** What part of the lake a dashboard is about; all of it where nothing is said. */
const scopeInput = z.object({ catalog: z.string().min(1).optional(), namespace: namespaceOnWire.optional() })

export const INGESTION_SPLITS = ['table', 'operation', 'writer'] as const
export type IngestionSplit = (typeof INGESTION_SPLITS)[number]

const flow = z
  .object({ rows: count, bytes: count, files: count, commits: count })
  .register(contractSchemas, { id: 'Flow' })
export type Flow = z.output<typeof flow>

/** One colour of a chart. */
export const series = z
  .object({
    key: z.string(),
    label: z.string(),
    /** Where it is one table. */
    place: tableIdentifierOnWire.nullable(),
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
    /** The largest by rows first, at most six; `other` last where there are more. */
    series: z.array(series).max(7),
    /** Oldest first; `values` in the order of `series`. */
    buckets: z.array(z.object({ startMs: instantMs, values: z.array(flow) })).max(400),
    totals: flow.extend({
      removedRows: count,
      tables: count,
      /** Median over the commits that added files; null where none did. */
      medianFileBytes: count.nullable(),
      /** What was loaded, over the commits whose summary knows. */
      inputBytes: count,
      inputCommits: count,
      /** Commits whose summary tells no counts: they are counted as commits and in nothing else. */
      silentCommits: count,
    }),
    /** The same span right before. */
    before: flow,
    /** Newest first. */
    newest: z.array(lakeCommit).max(200),
  }),
})

const codecBytes = z.object({ codec: z.string(), storedBytes: count })

export const tableCompression = z
  .object({
    place: tableIdentifierOnWire,
    /** `write.parquet.compression-codec` as it is set; null where it is not. */
    setCodec: z.string().nullable(),
    /** Sums over live data files; null where one of them is not known. */
    plainBytes: count.nullable(),
    encodedBytes: count.nullable(),
    /** Of the files that are known. */
    storedBytes: count,
    isEstimated: z.boolean(),
    fileCount: count,
    /** Files whose sizes are not known: not Parquet, not readable, or not read yet. */
    unknownCount: count,
    /** Most first. */
    codecs: z.array(codecBytes),
  })
  .register(contractSchemas, { id: 'TableCompression' })
export type TableCompression = z.output<typeof tableCompression>

export const columnCompression = z
  .object({
    place: tableIdentifierOnWire,
    column: z.string(),
    type: z.string(),
    codec: z.string().nullable(),
    storedBytes: count,
    /** Of columns whose values have one width; null for strings and binaries, whose lengths are not kept by column. */
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
    tables: z.array(tableCompression).max(1000),
    /** The largest by stored bytes, at most 200. */
    columns: z.array(columnCompression).max(200),
    columnCount: count,
    /** What was loaded into these tables, over the commits whose summary tells it. */
    input: z.object({ bytes: count, commits: count, ofCommits: count }),
    /** The lake's files of known sizes at the end of each step; null where the state of a table then is gone. */
    history: z
      .array(z.object({ atMs: instantMs, plainBytes: count.nullable(), storedBytes: count.nullable() }))
      .max(401),
  }),
})
export type Compression = z.output<typeof getCompression.output>
export type Ingestion = z.output<typeof getIngestion.output>
