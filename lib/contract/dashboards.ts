import * as z from 'zod'
import type { Term } from '../facts/terms'
import { endpoint } from './endpoint'
import { catalogsBehind, lakeCommit, tableBadge, tableIdentifierOnWire } from './shapes/lake'
import { INGESTION_MEASURES, INGESTION_SPLITS, INGESTION_STEPS } from './shapes/plain-values'
import { contractSchemas } from './shapes/schemas'
import { count, entryName, idText, instantMs, intInQuery, namespaceOnWire } from './shapes/wire'

/** Two years and some days. */
export const MAX_COMPRESSION_DAYS = 800

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
    /** When the table had its first rows, if the period before began earlier; null: it did not, or this is not known. */
    sinceMs: instantMs.nullable(),
    /** At the end of the period. */
    storedBytes: amount,
    /** The median size of the data files that came in; null: none did whose size is known. */
    medianFileBytes: count.nullable(),
  })
  .register(contractSchemas, { id: 'IngestionTable' })
export type IngestionTable = z.output<typeof ingestionTable>

/** Changes that lines of the chart explain. */
export const INGESTION_EVENTS = ['rollback', 'replaced', 'dropped', 'restored', 'schema', 'expiry'] as const

export const getIngestion = endpoint({
  summary:
    'Returns what came into tables, was removed, moved and taken back, by time, table, operation, writer or partition',
  description:
    'The figures are sums of the collected history of each table that the caller may read: start + came in − removed + rewritten − taken back + put back + not read = end. No catalog is read, except for partitions of a table in another catalog, which may restrict what of it may be read.',
  method: 'GET',
  path: '/api/v1/dashboards/ingestion',
  permission: 'signed-in',
  input: z.object({
    ...scopeInput.shape,
    /** Only this table of the namespace. */
    table: entryName.optional(),
    fromMs: intInQuery,
    toMs: intInQuery,
    /** Where the period begins that this one is compared with. It is as long, or ends where this one begins. */
    previousFromMs: intInQuery,
    step: z.enum(INGESTION_STEPS),
    /** Days begin at midnight of this IANA zone. */
    timeZone: z.string().min(1).max(100),
    /** With `commits` the equation and the tables are in rows. */
    measure: z.enum(INGESTION_MEASURES),
    /** `partition` needs one table with partitions, and is by day in UTC; commits have none. */
    by: z.enum(INGESTION_SPLITS),
    /** Lists only tables whose names have this text; the rest is in `others`. */
    match: z.string().max(200).optional(),
  }),
  output: z.object({
    readAtMs: instantMs,
    /** Badges of the tables that the response names. */
    badges: z.array(tableBadge).max(500),
    /** Tables that exist. */
    tableCount: count,
    behind: catalogsBehind,
    /** Up to when the histories of the catalogs are complete, at least; null: not known. */
    completeAtMs: instantMs.nullable(),
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
    /** The data files that came in, of all days in UTC of which the period has a part; not those of rewrites. */
    files: z.object({
      /** Oldest first; those without files are left out. A tenth, half and nine tenths of the files are not larger. */
      steps: z
        .array(z.object({ startMs: instantMs, tenthBytes: count, medianBytes: count, ninetiethBytes: count }))
        .max(121),
      stepDays: z.int().positive(),
      /** Commits that brought files, and those of them whose files are below a size on average. */
      commits: count,
      smallCommits: count,
      smallBytes: count,
      /** The size that tables set for their files, or the default; null: it is not known yet. */
      target: z.object({ leastBytes: count, mostBytes: count }).nullable(),
    }),
    /** Commits that were taken back. */
    takenBackCommits: count,
    previousTakenBackCommits: count,
    /** Those with the most first, at most six; `other` last if there are more. */
    series: z.array(series).max(7),
    /** Whether the figures can be split by partition: they are of one table, which has some. */
    hasPartitions: z.boolean(),
    /** The partitions of the table; null: the split is another one. */
    partitions: z
      .object({
        table: tableIdentifierOnWire,
        /** Those that moved most, first those into which most came. */
        listed: z.array(z.object({ name: z.string(), terms: termSums, newestMs: instantMs })).max(50),
        /** `count`: partitions with names that are not listed. The terms are of all that is not listed. */
        others: z.object({ count, terms: termSums }),
        dayCount: count,
        /** Days with facts whose partitions are not known. */
        unknownDays: count,
        /** Days on which more partitions moved than have names. */
        crowdedDays: count,
      })
      .nullable(),
    /** Oldest first. `cameIn` in the order of `series`; it is negative for a partition that others got rows from. */
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
    others: ingestionTable
      .omit({ table: true, droppedAtMs: true, sinceMs: true, medianFileBytes: true })
      .extend({ tableCount: count }),
    /** At the end of the period, of all tables. */
    storedBytes: amount,
    previousCameIn: amount,
    /** Newest first. Commits are listed one by one for some months only. */
    newest: z.array(lakeCommit).max(200),
  }),
})

/** Sizes of pages in live files: values at the width of their type, after their encoding, and after their codec. */
const pageSizes = z.object({ plainBytes: amount, encodedBytes: amount, storedBytes: amount })

/** The ratio of plain to stored bytes at each of `levels`; null: not known, or no bytes. */
const ratios = z.array(z.number().nullable()).max(MAX_COMPRESSION_DAYS + 1)

const compressedColumn = z
  .object({
    table: tableIdentifierOnWire,
    /** The path, joined by dots. */
    column: z.string(),
    type: z.string(),
    /** Most bytes first. */
    codecs: z.array(z.string()).max(20),
    ...pageSizes.shape,
    isEstimated: z.boolean(),
    ratios,
  })
  .register(contractSchemas, { id: 'CompressedColumn' })
export type CompressedColumn = z.output<typeof compressedColumn>

const compressedTable = z
  .object({
    table: tableIdentifierOnWire,
    /** The codec that is set; null: none is. */
    codec: z.string().nullable(),
    /** The sizes of all its files: `storedBytes` has footers, files that were not read and delete files, too. */
    ...pageSizes.shape,
    isEstimated: z.boolean(),
    /** The bytes of data files whose footers were not read. */
    unreadBytes: amount,
    ratios,
  })
  .register(contractSchemas, { id: 'CompressedTable' })
export type CompressedTable = z.output<typeof compressedTable>

const retainedBytes = z.object({ history: amount, branches: amount, superseded: amount })

export const getCompression = endpoint({
  summary: 'Returns plain, encoded and stored bytes, by column, codec and table, and over time',
  description:
    'The figures are sums of the footers of data files, which are collected for each table that the caller may read. Days are those of UTC. No catalog is read.',
  method: 'GET',
  path: '/api/v1/dashboards/compression',
  permission: 'signed-in',
  input: z.object({
    ...scopeInput.shape,
    fromMs: intInQuery,
    toMs: intInQuery,
    /** The groups of `fileGroups`. */
    filesBy: z.enum(['writer', 'age']).optional(),
  }),
  output: z.object({
    readAtMs: instantMs,
    /** Badges of the tables that the response names. */
    badges: z.array(tableBadge).max(500),
    /** Tables that exist. */
    tableCount: count,
    behind: catalogsBehind,
    /** Up to when the histories of the catalogs are complete, at least; null: not known. */
    completeAtMs: instantMs.nullable(),
    /** `fromMs` and `toMs`, moved to the nearest days. */
    span: instantSpan,
    /** The sizes at the end of the period, which all lists add up to. */
    sizes: z.object({
      ...pageSizes.shape,
      /** Data files whose footers were not read, also those of tables that were not measured yet. */
      unreadBytes: amount,
      /** All data files. */
      dataBytes: amount,
      /** Footers and indexes of the files that were read. */
      footerBytes: amount,
      deleteBytes: amount,
      /** Whether plain and encoded sizes include those of the files that were not read; otherwise too few were read. */
      isProjected: z.boolean(),
      isEstimated: z.boolean(),
    }),
    /** At the beginning of each day, and at the end of the period. */
    levels: z
      .array(
        z.object({
          atMs: instantMs,
          /** Null: the footers of too few bytes were read. */
          plainBytes: amount.nullable(),
          encodedBytes: amount.nullable(),
          storedBytes: amount,
          /** The share of data files whose footers were read, by bytes; null: there were none. */
          readShare: z.number().nullable(),
          /** Files that only snapshots hold; null: not known. */
          retained: retainedBytes.nullable(),
        }),
      )
      .max(MAX_COMPRESSION_DAYS + 1),
    /** Live data files now. */
    files: z.object({
      total: count,
      read: count,
      /** Why the first of them could not be read is in `problem`. */
      unreadable: count,
      /** Avro and ORC files. */
      otherFormat: count,
      problem: z.object({ table: tableIdentifierOnWire, text: z.string() }).nullable(),
      /** Tables that were not measured yet, whose files are not counted. */
      unmeasuredTables: count,
      /** Tables with files that were not read; the one with the most bytes of them. */
      partlyRead: z.object({ tableCount: count, largest: tableIdentifierOnWire }).nullable(),
    }),
    /** Pages now, in tables that set a codec; null: none does. */
    asSet: z.object({ asSetBytes: count, setBytes: count, differentTables: count }).nullable(),
    /** The largest now, most stored bytes first, by their files that were read. */
    columns: z.array(compressedColumn).max(50),
    otherColumns: z.object({ columnCount: count, ...pageSizes.shape, ratios }),
    /** Pages by codec, most stored bytes first, of the files that were read. */
    codecs: z.array(z.object({ codec: z.string(), ...pageSizes.shape, ratios })).max(50),
    tables: z.array(compressedTable).max(50),
    otherTables: z.object({ tableCount: count, ...pageSizes.shape, ratios }),
    /**
     * The files whose footers were read, now, by their writer or by the month of their commit in UTC, such as `2026-11`;
     * `unknown` if it is not known, and `others` for smaller writers and months more than two years ago. `storedBytes` are
     * those of whole files. Null: the request does not ask for it, or its period has ended.
     */
    fileGroups: z
      .object({
        by: z.enum(['writer', 'age']),
        groups: z
          .array(z.object({ kind: z.enum(['named', 'others', 'unknown']), name: z.string(), ...pageSizes.shape }))
          .max(50),
      })
      .nullable(),
    /** Tables with files that only snapshots hold; null: none is known. */
    retainedTables: count.nullable(),
    /** Changes of sizes without new data, oldest first; of many, those that changed most. */
    changes: z
      .array(
        z.object({
          atMs: instantMs,
          table: tableIdentifierOnWire,
          /**
           * Files that are rewritten change at once, and a codec that is set changes only new files. `written`: on the day
           * in UTC that begins then, the table got its first pages in this codec, in addition to those in others.
           */
          kind: z.enum(['codec', 'rewrite', 'written']),
          /** The codec that was set or written; null: another one since then, or none. */
          codec: z.string().nullable(),
          writer: z.string().nullable(),
          /** Rewrites of one writer in one day. */
          commits: count,
          /** The sizes of the files that were rewritten, or of the pages in the codec; null: not known. */
          bytesBefore: count.nullable(),
          bytesAfter: count.nullable(),
        }),
      )
      .max(20),
    changeCount: count,
    /**
     * Tables whose pages are in another codec than the one that is set. Those with a forecast come first, the most saved
     * bytes first, then those with the most such pages.
     */
    candidates: z
      .array(
        z.object({
          table: tableIdentifierOnWire,
          /** The codec that is set; null: only columns have one. */
          codec: z.string().nullable(),
          /** Most bytes first. */
          written: z.array(z.object({ codec: z.string(), storedBytes: amount })).max(20),
          otherwiseBytes: count,
          storedBytes: amount,
          /** By how much the stored bytes would change, of the columns that users tried codecs on; null: of none. */
          forecast: z.object({ bytes: amount, columns: count, atMs: instantMs }).nullable(),
        }),
      )
      .max(20),
    candidateCount: count,
    /** The bytes that the forecasts of all candidates save, and how many of them have one; null: none has. */
    couldBeSaved: z.object({ bytes: count, tableCount: count }).nullable(),
    /** Files that runs of this console rewrote in the period, newest first. */
    done: z
      .array(
        z.object({
          run: idText,
          atMs: instantMs,
          table: tableIdentifierOnWire,
          files: count,
          bytesBefore: count,
          bytesAfter: count,
          codecs: z.string().nullable(),
          /** By how much trials of these codecs had foretold that the files would change; null: there were none. */
          forecastBytes: amount.nullable(),
        }),
      )
      .max(20),
  }),
})
export type Compression = z.output<typeof getCompression.output>
export type Ingestion = z.output<typeof getIngestion.output>
export type HistoryCheck = NonNullable<Ingestion['check']>
