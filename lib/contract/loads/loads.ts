import { type CsvQuestion, READING_KINDS } from '@/lib/ingest/readings/csv-question'
import * as z from 'zod'
import { endpoint } from '../endpoint'
import { CHANGED_FILES } from '@/lib/ingest/file-repeats'
import { loadReject, run, runId, schedule, scheduleName, scheduleStartFields } from '../jobs'
import { INPUT_FORMATS } from '../shapes/input-formats'
import { tableIdentifierOnWire } from '../shapes/lake'
import {
  csvOptions,
  loadConfirmations,
  loadFields,
  loadLanding,
  loadMapping,
  MAX_LOADED_FILES,
  rejectedShare,
  requestedInput,
} from '../shapes/load-options'
import { MAX_LISTED_CORRECTIONS, REJECTED_RECORDS_PATH } from '../shapes/plain-values'
import { contractSchemas } from '../shapes/schemas'
import { loadSample } from './load-sample'
import { confirmedName, count, idempotencyKey, instantMs, proposalId, tableInput } from '../shapes/wire'

export const MAX_PREVIEWED_ROWS = 100
export const MAX_PREVIEWED_REJECTS = 100
/** Fields of a file and columns of a table that a preview describes. */
const MAX_DESCRIBED = 10_000

const requestedFields = {
  ...loadFields,
  /** Whether fields that fill no column are left out, whatever their names. */
  ignoreExtra: z.boolean().optional(),
}

const { decimalSeparator, groupSeparator, dateFormat, timestampFormat } = csvOptions.shape
const readingOptions = z.strictObject({
  decimalSeparator: decimalSeparator.exactOptional(),
  groupSeparator: groupSeparator.exactOptional(),
  dateFormat: dateFormat.exactOptional(),
  timestampFormat: timestampFormat.exactOptional(),
})

const csvQuestion = z.object({
  kind: z.enum(READING_KINDS),
  column: z.string(),
  text: z.string(),
  line: count,
  /** A value is null where the text is not a value of the kind. The first reading is that of a load without options. */
  readings: z
    .array(z.object({ options: readingOptions, value: z.string().nullable() }))
    .min(2)
    .readonly(),
}) satisfies z.ZodType<CsvQuestion>

const otherReading = z.discriminatedUnion('kind', [
  /** With how many fields the first record would be read. */
  z.object({ kind: z.literal('delimiter'), delimiter: z.string(), fieldCount: count }),
  z.object({ kind: z.literal('encoding'), encoding: csvOptions.shape.encoding }),
  z.object({ kind: z.literal('format'), format: z.enum(INPUT_FORMATS) }),
])
export type OtherReading = z.output<typeof otherReading>

export const loadPreview = z
  .object({
    /** The delimiter that was found or given; null for other formats than CSV. */
    delimiter: z.string().nullable(),
    fields: z
      .array(
        z.object({
          name: z.string(),
          /** Values of the first rows, as the file has them. */
          samples: z.array(z.string().nullable()).max(3),
        }),
      )
      .max(MAX_DESCRIBED),
    /** Columns of the table in its order. */
    columns: z
      .array(
        z.object({
          name: z.string(),
          type: z.string(),
          rejectedCount: count,
          /** Why the column cannot be filled at all, such as a wrong expression. */
          problem: z.string().nullable(),
        }),
      )
      .max(MAX_DESCRIBED),
    /** The first rows that fit. A value is a text that is exact to the last digit. */
    rows: z
      .array(z.object({ line: count, record: count.exactOptional(), values: z.array(z.string().nullable()) }))
      .max(MAX_PREVIEWED_ROWS),
    rejects: z.array(loadReject).max(MAX_PREVIEWED_REJECTS),
    rowsRead: count,
    rowsRejected: count,
    /** Whether the file goes on after the rows that were read. */
    isTruncated: z.boolean(),
    /** Fields that fill no column and are not ignored: the load would stop. */
    unmappedFields: z.array(z.string()).max(MAX_DESCRIBED),
    /** Columns of the mapping that the table does not have, and fields of it that the file does not have: likewise. */
    unknownColumns: z.array(z.string()).max(MAX_DESCRIBED),
    missingFields: z.array(z.string()).max(MAX_DESCRIBED),
    /** Required columns that no field fills: the load would stop. */
    missingColumns: z.array(z.string()).max(MAX_DESCRIBED),
    /**
     * Values of the file that mean something else in another format, each with the options of CSV for its readings: at
     * most one for each kind. The load reads them as its options say.
     */
    questions: z.array(csvQuestion).max(READING_KINDS.length).readonly(),
    /** Other ways in which the file could be meant, as its beginning looks; absent without any. */
    otherReadings: z.array(otherReading).max(3).readonly().exactOptional(),
    /**
     * Columns that have values in the table, and for which the rows that were read have no field: the load needs
     * `allowNullColumns`.
     */
    emptiedColumns: z.array(z.string()).max(MAX_DESCRIBED),
    /** The version of a file with a URL that was read, for the input of a load that has to read the same one. */
    inputVersion: z.string().exactOptional(),
  })
  .register(contractSchemas, { id: 'LoadPreview' })
export type LoadPreview = z.output<typeof loadPreview>

/** Which files a load reads, how, and how their rows land. */
const loadRequestFields = {
  /** In the order in which they are read. Patterns stand for at most as many files as a load has. */
  inputs: z.array(requestedInput).min(1).max(MAX_LOADED_FILES),
  ...requestedFields,
  /** How many rows may be rejected; without it none, or any number within the share. */
  maxRejectedRows: count.optional(),
  /** Which share of all rows may be rejected, from 0 to 1; decided when all files were read. */
  maxRejectedShare: rejectedShare.optional(),
  /** How the rows become rows of the table; without it they are appended to `main`. */
  landing: loadLanding.optional(),
  ...loadConfirmations,
}

const LOADS_PATH = '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/loads'

export const previewLoad = endpoint({
  summary: 'Reads the beginning of a file as a load would, and returns its rows and rejects',
  description:
    'Reads at most 1,000 rows of the first 4 MiB, or of the whole file for Parquet and Arrow, and at most 10,000 of them for questions about CSV. Changes nothing. An upload of another user is read only as a file of an open proposal.',
  method: 'POST',
  path: `${LOADS_PATH}/preview`,
  permission: 'table:write',
  input: tableInput.extend({
    /** An upload of the caller, a file of a location or of a URL; the first one that matches a pattern. */
    input: requestedInput,
    ...requestedFields,
    /** The open proposal that loads the upload, which then belongs to its proposer. */
    proposalId: proposalId.optional(),
  }),
  output: loadPreview,
})

export const sampleLoad = endpoint({
  summary: 'Writes a sample of a file as a load would, and returns its rejects and the partitions of its rows',
  description:
    'Of CSV and NDJSON the first 64 KiB and 126 blocks of 32 KiB at equal distances; of compressed files, and of URLs, the first 4 MiB; of any file of at most 4 MiB all. Other files have no sample. The files that it writes are removed; nothing is changed.',
  method: 'POST',
  path: `${LOADS_PATH}/sample`,
  permission: 'table:write',
  input: tableInput.extend({
    /** An upload of the caller, of which the bytes that are here are read; a file of a location or of a URL. */
    input: requestedInput,
    ...requestedFields,
  }),
  output: loadSample,
})

const repeatedInput = z
  .object({
    /** The index of the input in the request. */
    position: count,
    fileName: z.string(),
    /** `size`: as many bytes as a file that was loaded, or another one of the request; the load compares them. */
    same: z.enum(['as-loaded', 'as-input', 'size']),
    /** The load of the same bytes; null for another `same`, and if the caller may not see it. */
    load: z
      .object({
        runId,
        fileName: z.string(),
        username: z.string(),
        finishedAtMs: instantMs.nullable(),
        rowCount: count,
      })
      .nullable(),
    /** The first input of the request with the same bytes; null for another `same`. */
    sameAs: count.nullable(),
  })
  .register(contractSchemas, { id: 'RepeatedInput' })
export type RepeatedInput = z.output<typeof repeatedInput>

export const findRepeatedInputs = endpoint({
  summary: 'Returns the inputs of a load whose bytes were loaded into the table before, or that it has twice',
  description:
    'Compares the SHA-256 of complete uploads and of files of locations with those of the loads of the last 30 days whose snapshots were not taken back, if they have the size of one of them; at most 1 GiB in a request. Files of patterns and of URLs are compared when the load starts. An append of such bytes needs `loadAgain`.',
  method: 'POST',
  path: `${LOADS_PATH}/repeats`,
  permission: 'table:write',
  input: tableInput.extend({ inputs: z.array(requestedInput).min(1).max(MAX_LOADED_FILES) }),
  output: z.object({ repeats: z.array(repeatedInput).max(MAX_LOADED_FILES) }),
})

export const startLoad = endpoint({
  summary: 'Queues a run that loads uploads, files of locations, and files of URLs into a table, as one snapshot',
  description:
    'Columns are filled by the mapping. A value that its column cannot hold exactly rejects its row; the run stops, and changes nothing, when more rows, or a larger share of them, are rejected than allowed. An upload may still be incomplete: the run then waits, without holding up other loads, until all bytes of its uploads are here, and fails if one of them expires or is removed; a user has at most 20 such runs. The uploads are removed after the load; other files stay. A file that changes while it is read stops the load.',
  method: 'POST',
  path: LOADS_PATH,
  permission: 'table:write',
  input: tableInput.extend({
    ...loadRequestFields,
    /** The run whose rejected rows the files have, corrected: a load of the same table that succeeded. */
    correctsRun: runId.optional(),
    /** Namespace and name of the table, where the load may replace rows of partitions or all rows. */
    confirmedName: confirmedName.optional(),
    idempotencyKey: idempotencyKey.optional(),
  }),
  output: z.object({ run }),
})

export const saveLoad = endpoint({
  summary: 'Saves a load of files of locations, which is repeated at times, after changes of tables, or by hand',
  description:
    'Every run acts for the caller, with the grants that the caller has then. With `newFilesOnly`, a run loads the files that match and that no earlier run has loaded, at most 1,000, and ends well without a snapshot when there are none. Uploads cannot be saved, because they are removed after a load. Where a policy demands two people, nothing is saved. `setSchedule`, `runSchedule` and `removeSchedule` change, start and remove it.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/saved-loads',
  permission: 'table:write',
  input: tableInput.extend({
    name: scheduleName,
    ...scheduleStartFields,
    /** Whether each run loads only files that no earlier one has loaded; without it, if a pattern is among the inputs. */
    newFilesOnly: z.boolean().optional(),
    /** Whether files that changed after they were loaded are loaded again; by default they are only reported. */
    changedFiles: z.enum(CHANGED_FILES).optional(),
    ...loadRequestFields,
    confirmedName: confirmedName.optional(),
    idempotencyKey: idempotencyKey.optional(),
  }),
  output: z.object({ schedule }),
})

/** A load of the corrected rejects of another one. Loads that failed, were cancelled or committed no row are not listed. */
const loadCorrection = z.object({
  runId,
  /** The load itself, or a correction of it whose rejected rows this one corrects. */
  correctsRunId: runId,
  /** Whether it has committed its rows. */
  state: z.enum(['queued', 'running', 'succeeded']),
  /** Null until it has. */
  rowsCommitted: count.nullable(),
  /** Whether the table no longer has its rows, for example after a roll back: they count as not corrected. */
  isUndone: z.boolean(),
  finishedAtMs: instantMs.nullable(),
})
export type LoadCorrection = z.output<typeof loadCorrection>

export const getLoad = endpoint({
  summary: 'Returns the request of a load, from which another one can be started',
  description: 'Only for users who may write the table.',
  method: 'GET',
  path: '/api/v1/jobs/runs/:run/load',
  permission: 'signed-in',
  input: z.object({ run: runId }),
  output: z.object({
    table: tableIdentifierOnWire,
    /**
     * As they were requested. An upload is removed after a load that succeeded, or when it expires. The input is null for
     * files that only the command line can name.
     */
    files: z.array(z.object({ name: z.string(), input: requestedInput.nullable() })).max(MAX_LOADED_FILES),
    format: z.enum(INPUT_FORMATS),
    /** Null for other formats than CSV. */
    csv: csvOptions.nullable(),
    mapping: loadMapping,
    ignoreExtra: z.boolean(),
    allowNullColumns: z.boolean(),
    allowAmbiguousNumbers: z.boolean(),
    loadAgain: z.boolean(),
    /** The file whose bytes were loaded before, or are twice in the load, if the load stopped for it. */
    repeatedFile: z.string().nullable(),
    /** The question of a load that stopped for it; null for any other load. */
    question: csvQuestion.nullable(),
    maxRejectedRows: count,
    /** Absent without a limit. */
    maxRejectedShare: rejectedShare.optional(),
    landing: loadLanding,
    /** How many of the rejected rows were saved as they came: `readRejectedRecords` returns them. */
    recordsSaved: count,
    /** The run whose rejected rows the files have, corrected; null if the rows are new. */
    correctsRunId: z.string().nullable(),
    /** The loads that correct its rejected rows, newest first. */
    corrections: z.array(loadCorrection).max(MAX_LISTED_CORRECTIONS),
  }),
})

export const readRejectedRecords = endpoint({
  summary: 'Returns the records that a load rejected, as they came',
  description:
    'CSV with its header, for the options and the encoding of the load; or NDJSON. Of a load of many files, those of files with the header of the first one. At most 64 MiB. Only for users who may write the table.',
  method: 'GET',
  path: REJECTED_RECORDS_PATH,
  permission: 'signed-in',
  input: z.object({ run: runId }),
  output: 'bytes',
})
