import * as z from 'zod'
import { endpoint } from '../endpoint'
import { storagePrice } from '../shapes/storage-price'
import { contractSchemas } from '../shapes/schemas'
import { run } from '../jobs'
import { count, instantMs, intInQuery, tableInput } from '../shapes/wire'

/** At most so many columns are described, those with the most stored bytes. */
export const MAX_STORED_COLUMNS = 2000

/** The stored size and encoding of a column, in the files whose footers were read. */
const storedColumn = z
  .object({
    fieldId: z.int(),
    /** Its names from the top. */
    column: z.array(z.string()),
    type: z.string(),
    /** Without encoding and compression. */
    plainBytes: count,
    isPlainEstimated: z.boolean(),
    encodedBytes: count,
    storedBytes: count,
    /** Most stored bytes first, in Iceberg's names; `lz4` is LZ4_RAW, `hadoop-lz4` the deprecated frames. */
    codecs: z.array(z.object({ codec: z.string(), storedBytes: count })),
    /** Encodings of values, without those of levels; most used first. */
    encodings: z.array(z.string()),
    /** Whether column chunks have a dictionary, and whether one was given up for plain values; null if not known. */
    hasDictionary: z.boolean(),
    hasDictionaryFallback: z.boolean().nullable(),
    /** Data pages; null if a file does not say. */
    pages: z.object({ count, medianStoredBytes: count }).nullable(),
  })
  .register(contractSchemas, { id: 'StoredColumn' })
export type StoredColumn = z.output<typeof storedColumn>

export const columnStorage = z
  .object({
    /** Live data files of the current snapshot, and how many of their footers were read. */
    fileCount: count,
    fileBytes: count,
    readFileCount: count,
    readFileBytes: count,
    /** Why files of the sample could not be read; at most ten. */
    unreadable: z.array(z.object({ path: z.string(), reason: z.string() })).max(10),
    unreadableCount: count,
    /** Data files in formats other than Parquet. */
    otherFormatCount: count,
    readAtMs: instantMs,
    columns: z.array(storedColumn).max(MAX_STORED_COLUMNS),
    columnCount: count,
    /** Stored bytes of columns that the current schema no longer has. */
    droppedColumnBytes: count,
    /**
     * Bytes of data files that Lakeshore's loads add per day, over the days that the snapshots of `main` cover, at most
     * 30; null without two snapshots or without a load. Other writers do not follow settings of single columns.
     */
    loadedBytesPerDay: count.nullable(),
    /** Null if the operator set none. */
    storagePrice: storagePrice.nullable(),
  })
  .register(contractSchemas, { id: 'ColumnStorage' })
export type ColumnStorage = z.output<typeof columnStorage>

export const getColumnStorage = endpoint({
  summary: 'Returns the stored size and encodings of each column, from the footers of a sample',
  description:
    'Footers of at most 64 Parquet files, spread evenly over the files of the current snapshot, are read within 10 seconds and cached. All figures are of these files only.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/column-storage',
  permission: 'table:read',
  input: tableInput,
  output: columnStorage,
})

/** One codec at one level on the pages of a sample. A page that the time did not suffice for is not in the figures. */
export const codecTrial = z
  .object({
    codec: z.string(),
    /** Null: the codec's usual one, or none. */
    level: z.int().nullable(),
    /** Bytes of the measured pages, before and after compression. */
    encodedBytes: count,
    storedBytes: count,
    /** The shortest turns of the pages of `turns`, added up; without it, of all measured pages. */
    encodeMs: z.number().nonnegative(),
    decodeMs: z.number().nonnegative(),
    /**
     * Pages that were measured in three turns or more: their bytes before compression, and the times in which three of
     * four turns of each page ended, added up. Trials of earlier releases lack it.
     */
    turns: z
      .object({ encodedBytes: count, encodeMs: z.number().nonnegative(), decodeMs: z.number().nonnegative() })
      .optional(),
    /**
     * By which share the stored bytes of the column would change, 0.1: a tenth more, with dictionaries and data pages
     * weighted by their share of the column. The true share is within `error` of it with about 95 % probability; 0 if
     * all pages of the column were tried.
     */
    change: z.number(),
    error: z.number().nonnegative(),
  })
  .register(contractSchemas, { id: 'CodecTrial' })
export type CodecTrial = z.output<typeof codecTrial>

export const compressionSample = z
  .object({
    fieldId: z.int(),
    fileCount: count,
    pageCount: count,
    /** Bytes of the pages, before compression and as they are stored now. */
    encodedBytes: count,
    storedBytes: count,
    trials: z.array(codecTrial).max(50),
  })
  .register(contractSchemas, { id: 'CompressionSample' })
export type CompressionSample = z.output<typeof compressionSample>

const TRIAL_PATH = '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/compression-trials'

export const startCompressionTrial = endpoint({
  summary: 'Queues a run that compresses real pages of a column with each codec',
  description:
    'The run compresses at most 96 pages, 32 MiB of them, in the form that a rewrite gives them, and changes nothing. If a trial of the column waits or is in progress, that run is returned.',
  method: 'POST',
  path: TRIAL_PATH,
  permission: 'table:write',
  input: tableInput.extend({ fieldId: z.int() }),
  output: z.object({ run }),
})

export const getCompressionTrial = endpoint({
  summary: 'Returns the newest trial of codecs for a column',
  method: 'GET',
  path: `${TRIAL_PATH}/:column`,
  permission: 'table:read',
  input: tableInput.extend({ column: intInQuery }),
  output: z.object({
    run: run.nullable(),
    /** The sample of the newest run that succeeded. */
    sample: compressionSample.nullable(),
    sampledAtMs: instantMs.nullable(),
    /**
     * Whether the current snapshot still has every data file of the sample. Otherwise its figures do not describe the
     * stored files. Null without a sample.
     */
    isSampleCurrent: z.boolean().nullable(),
  }),
})
