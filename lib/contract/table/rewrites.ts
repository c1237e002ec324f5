import { z } from 'zod'
import { endpoint } from '../endpoint'
import { run } from '../jobs'
import { storagePrice } from '../shapes/storage-price'
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

const leftOutFiles = z
  .object({
    reason: z.enum(LEFT_OUT_REASONS),
    fileCount: count,
    fileBytes: count,
    /** Of one of them. */
    path: z.string(),
    /** What is wrong with that one, if the reason does not say it. */
    detail: z.string().nullable(),
  })
  .register(contractSchemas, { id: 'LeftOutFiles' })
export type LeftOutFiles = z.output<typeof leftOutFiles>

export const rewritePreview = z
  .object({
    /** Live data files of the current snapshot, and those that were looked at. All figures are of the latter. */
    fileCount: count,
    fileBytes: count,
    judgedFileCount: count,
    /** Files that would be rewritten. */
    differingFileCount: count,
    differingFileBytes: count,
    /** Of these files, how many have rows that are deleted by position, and how many may have some deleted by equality. */
    positionDeletedFileCount: count,
    equalityDeletedFileCount: count,
    /** What deletes by position are written as: deletion vectors from format v3 on. */
    deletesAre: z.enum(['position-deletes', 'deletion-vectors']),
    /** One run rewrites at most so many files and bytes; the others are for another run. */
    maxFilesPerRun: count,
    maxBytesPerRun: count,
    leftOut: z.array(leftOutFiles).max(LEFT_OUT_REASONS.length),
    /** Columns that would be compressed otherwise, and of those that have a trial: what they take now, and would. */
    differingColumnCount: count,
    trialColumnCount: count,
    trialStoredBytes: count,
    trialProjectedBytes: count,
    /** Of the files that are read, by the newest rewrite to the same codecs, otherwise to others; null if there is none. */
    bytesPerS: z.number().positive().nullable(),
    isSpeedOfTable: z.boolean(),
    /** Whether that rewrite wrote the codecs and levels that are set now; those that it wrote, null if it did not say. */
    isSpeedOfCodecs: z.boolean(),
    speedCodecs: z.string().nullable(),
    /** Null if the operator set none. */
    storagePrice: storagePrice.nullable(),
  })
  .register(contractSchemas, { id: 'RewritePreview' })
export type RewritePreview = z.output<typeof rewritePreview>

const REWRITE_PATH = '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/rewrites'

export const getRewritePreview = endpoint({
  summary: 'Returns which data files differ from the settings of their columns, and what a rewrite would do',
  description:
    'Reads the footers of at most 1,000 files, spread evenly over the files of the current snapshot, within 10 seconds. Changes nothing.',
  method: 'GET',
  path: `${REWRITE_PATH}/preview`,
  permission: 'table:read',
  input: tableInput,
  output: rewritePreview,
})

export const startRewrite = endpoint({
  summary: 'Queues a run that brings data files to the settings of their columns',
  description:
    'The run writes new files with the same rows, proves that by row counts and checksums, and replaces the old ones in one snapshot of `main`. Deletes by position are written again for the new files. If one waits or is in progress for the table, that one is returned.',
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
