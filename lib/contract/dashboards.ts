import * as z from 'zod'
import type { Term } from '../facts/terms'
import { endpoint } from './endpoint'
import { inlineProblem } from './shapes/inline-problem'
import { fileCoverage, lakeCommit, lakeCoverage, timeSpanInput, tableIdentifierOnWire } from './shapes/lake'
import { INGESTION_MEASURES, INGESTION_SPLITS, INGESTION_STEPS } from './shapes/plain-values'
import { contractSchemas } from './shapes/schemas'
import { count, entryName, instantMs, intInQuery, namespaceOnWire } from './shapes/wire'

/** The part of the lake that a dashboard covers; by default all of it. */
const scopeInput = z.object({ catalog: entryName.optional(), namespace: namespaceOnWire.optional() })

export type IngestionSplit = (typeof INGESTION_SPLITS)[number]

export type IngestionMeasure = (typeof INGESTION_MEASURES)[number]
export type IngestionStep = (typeof INGESTION_STEPS)[number]

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

/** May be negative: for terms that are changes, and for the total of a table whose summaries contradict themselves. */
const amount = z.int()

const termSums = z
  .object({
    'came-in': amount,
    removed: amount,
    moved: amount,
    replaced: amount,
    rewritten: amount,
    'taken-back': amount,
    'put-back': amount,
    'not-read': amount,
  } satisfies Record<Term, typeof amount>)
  .register(contractSchemas, { id: 'TermSums' })

const instantSpan = z.object({ fromMs: instantMs, toMs: instantMs })

const ingestionTable = z
  .object({
    table: tableIdentifierOnWire,
    /** Null: the table exists. */
    droppedAtMs: instantMs.nullable(),
    terms: termSums,
    /** Came in during the previous period. */
    previousCameIn: amount,
    /** At the end of the period. */
    storedBytes: amount,
  })
  .register(contractSchemas, { id: 'IngestionTable' })
export type IngestionTable = z.output<typeof ingestionTable>

/** Changes that lines of the chart explain. */
export const INGESTION_EVENTS = ['rollback', 'replaced', 'dropped', 'restored', 'schema', 'expiry'] as const

export const getIngestion = endpoint({
  summary: 'Returns what came into tables, was removed, moved and taken back, by time, table, operation or writer',
  description:
    'The figures are sums of the collected history of each table that the caller may read: start + came in − removed + rewritten − taken back + put back + not read = end. No catalog is read.',
  method: 'GET',
  path: '/api/v1/dashboards/ingestion',
  permission: 'signed-in',
  input: z.object({
    ...scopeInput.shape,
    fromMs: intInQuery,
    toMs: intInQuery,
    /** Where the period begins that this one is compared with. It is as long, or ends where this one begins. */
    previousFromMs: intInQuery,
    step: z.enum(INGESTION_STEPS),
    /** Days begin at midnight of this IANA zone. */
    timeZone: z.string().min(1).max(100),
    /** With `commits` the equation and the tables are in rows. */
    measure: z.enum(INGESTION_MEASURES),
    by: z.enum(INGESTION_SPLITS),
    /** Lists only tables whose names have this text; the rest is in `others`. */
    match: z.string().max(200).optional(),
  }),
  output: z.object({
    readAtMs: instantMs,
    /** Tables that exist. */
    tableCount: count,
    /** Other catalogs whose history is not current, and why; our own is never among them. */
    behind: z
      .array(
        z.object({
          catalog: z.string(),
          reason: z.enum(['problem', 'unread', 'late', 'truncated']),
          /** Why the catalog cannot be read, if that is the reason. */
          code: inlineProblem.shape.code.nullable(),
          /** When each of its tables had last been read in time; null: never. */
          completeAtMs: instantMs.nullable(),
        }),
      )
      .max(200),
    /** The nightly comparison of these histories with the lake; null: there was none yet. */
    check: z
      .object({
        /** When the first of them was compared. */
        atMs: instantMs,
        /** Compared with the files of their tables. */
        comparedCount: count,
        /** The others: they are newer than the comparison, or their files were not read. */
        uncomparedCount: count,
        differentCount: count,
        /** How much more the history has; the first 20. */
        different: z
          .array(z.object({ table: tableIdentifierOnWire, rows: z.int(), files: z.int(), bytes: z.int() }))
          .max(20),
      })
      .nullable(),
    /** The period of the sums: `fromMs` and `toMs` are moved to the next hour, or to the next day in UTC. */
    span: instantSpan,
    previousSpan: instantSpan,
    grain: z.enum(['hour', 'day']),
    /** Totals of the tables at both ends, and what is between. */
    equation: z.object({ start: amount, terms: termSums, end: amount }),
    previousTerms: termSums,
    /** Removals of files that only expired snapshots had; in no sum. */
    freedBytes: count,
    previousFreedBytes: count,
    /** Commits that were taken back. */
    takenBackCommits: count,
    previousTakenBackCommits: count,
    /** Those with the most first, at most six; `other` last if there are more. */
    series: z.array(series).max(7),
    /** Oldest first. `cameIn` in the order of `series`. */
    buckets: z
      .array(
        z.object({
          startMs: instantMs,
          endMs: instantMs,
          cameIn: z.array(amount),
          /** The part of `cameIn` that was taken back later, where that is known. */
          takenBackLater: z.array(amount),
          terms: termSums,
          /** Came in during the same step of the previous period. */
          previousCameIn: amount,
        }),
      )
      .max(400),
    /** Commits that were taken back or put back, where the time is known at which they came in. */
    returns: z
      .array(
        z.object({
          kind: z.enum(['taken-back', 'put-back']),
          atMs: instantMs,
          cameInAtMs: instantMs,
          /** Null: the series is not in the chart. */
          seriesIndex: z.int().nonnegative().nullable(),
          amount,
        }),
      )
      .max(400),
    /** Oldest first; of many the newest. */
    events: z
      .array(
        z.object({
          atMs: instantMs,
          table: tableIdentifierOnWire,
          kind: z.enum(INGESTION_EVENTS),
          /** The id of the new schema, or how many commits were taken back or expired. */
          detail: z.int().nullable(),
        }),
      )
      .max(400),
    /** Those that moved most, first. */
    tables: z.array(ingestionTable).max(50),
    /** The tables that are not listed. */
    others: ingestionTable.omit({ table: true, droppedAtMs: true }).extend({ tableCount: count }),
    /** At the end of the period, of all tables. */
    storedBytes: amount,
    previousCameIn: amount,
    /** Newest first. Commits are listed one by one for some months only. */
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
export type HistoryCheck = NonNullable<Ingestion['check']>
