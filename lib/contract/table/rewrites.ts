import * as z from 'zod'
import { endpoint } from '../endpoint'
import { run } from '../jobs'
import { storagePrice } from '../shapes/storage-price'
import { reviewed } from '../shapes/problem'
import { contractSchemas } from '../shapes/schemas'
import { count, tableInput } from '../shapes/wire'

/** Why data files stay as they are, although their columns may differ from the settings. */
export const LEFT_OUT_REASONS = [
  'format',
  'delete-format',
  'encrypted',
  'too-large',
  'no-field-ids',
  'row-lineage',
  'unreadable',
  'changed',
] as const
export type LeftOutReason = (typeof LEFT_OUT_REASONS)[number]

const skippedFiles = z
  .object({
    reason: z.enum(LEFT_OUT_REASONS),
    fileCount: count,
    fileBytes: count,
    /** The path of one of these files. */
    path: z.string(),
    /** The problem with that file, if the reason does not say it. */
    detail: z.string().nullable(),
  })
  .register(contractSchemas, { id: 'SkippedFiles' })
export type SkippedFiles = z.output<typeof skippedFiles>

const rewritePreview = z
  .object({
    /**
     * Live data files of the current snapshot, and how many of them were read. All figures describe the files that were
     * read.
     */
    fileCount: count,
    fileBytes: count,
    readFileCount: count,
    /** Files that would be rewritten. */
    differingFileCount: count,
    differingFileBytes: count,
    /**
     * How many of these files have rows that are deleted by position, and how many may have rows that are deleted by
     * equality.
     */
    positionDeletedFileCount: count,
    equalityDeletedFileCount: count,
    /** The format in which deletes by position are written: deletion vectors from format v3 on. */
    deleteFormat: z.enum(['position-deletes', 'deletion-vectors']),
    /** One run rewrites at most so many files and bytes; the others are for another run. */
    maxFilesPerRun: count,
    maxBytesPerRun: count,
    skipped: z.array(skippedFiles).max(LEFT_OUT_REASONS.length),
    /**
     * Columns that would get another compression. For columns with a trial: their size now, with that compression, and
     * by how much the latter may be wrong.
     */
    differingColumnCount: count,
    trialColumnCount: count,
    trialStoredBytes: count,
    trialProjectedBytes: count,
    trialErrorBytes: count,
    /**
     * The speed of the newest rewrite to the same codecs, otherwise of the newest to others, in bytes read; null
     * without a rewrite.
     */
    bytesPerSecond: z.number().positive().nullable(),
    isSpeedOfTable: z.boolean(),
    /**
     * Whether that rewrite wrote the codecs and levels that are set now; the ones that it wrote, null if it did not
     * say.
     */
    isSpeedOfCodecs: z.boolean(),
    speedCodecs: z.string().nullable(),
    /** Null if the operator set none. */
    storagePrice: storagePrice.nullable(),
  })
  .register(contractSchemas, { id: 'RewritePreview' })
export type RewritePreview = z.output<typeof rewritePreview>

const REWRITE_PATH = '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/rewrites'

export const getRewritePreview = endpoint({
  summary: 'Returns the data files that differ from the settings of their columns, and the effects of a rewrite',
  description:
    'Reads the footers of at most 1,000 files, spread evenly over the files of the current snapshot, within 10 seconds. Changes nothing.',
  method: 'GET',
  path: `${REWRITE_PATH}/preview`,
  permission: 'table:read',
  input: tableInput,
  output: reviewed(rewritePreview),
})

export const startRewrite = endpoint({
  summary: 'Queues a run that brings data files to the settings of their columns',
  description:
    'The run writes new files with the same rows, proves that by row counts and checksums, and replaces the old ones in one snapshot of `main`. Deletes by position are written again for the new files. If a rewrite of the table waits or is in progress, that run is returned.',
  method: 'POST',
  path: REWRITE_PATH,
  permission: 'table:write',
  input: tableInput,
  output: z.object({ run }),
})

export const getRewrite = endpoint({
  summary: 'Returns the newest rewrite of a table',
  method: 'GET',
  path: REWRITE_PATH,
  permission: 'table:read',
  input: tableInput,
  output: z.object({ run: run.nullable() }),
})
