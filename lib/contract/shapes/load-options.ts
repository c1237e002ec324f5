import * as z from 'zod'
import { MAX_FIELD_NAME_CHARS } from '@/lib/iceberg/text-limits'
import { type CsvOptions, DECIMAL_SEPARATORS, GROUP_SEPARATORS, TEXT_ENCODINGS } from '@/lib/ingest/csv-options'
import {
  type IncrementalTable,
  MAX_INCREMENTAL_TABLES,
  MAX_LATENESS_SECONDS,
  OTHER_CHANGES,
} from '@/lib/ingest/incremental-table'
import { LOAD_OPERATIONS, type LoadLanding } from '@/lib/ingest/load-landing'
import { type LoadMapping, ROW_FACTS } from '@/lib/ingest/load-mapping'
import { INPUT_FORMATS } from './input-formats'
import { boundedRecord } from './limits'
import { LOAD_LOCATION_PATTERN } from './plain-values'
import { contractSchemas } from './schemas'
import { count, entryName, idText, namespaceOnWire, refName } from './wire'

export { MAX_LOADED_FILES } from './plain-values'
export const MAX_FILE_NAME_CHARS = 255
/** As object stores limit names. */
const MAX_FILE_PATH_CHARS = 1_024
const MAX_SKIPPED_LINES = 1_000
const MAX_FORMAT_CHARS = 100
/** Columns that a request maps, and fields that it leaves out. */
const MAX_MAPPED = 2_000
const MAX_SQL_CHARS = 10_000
const MAX_CONSTANT_CHARS = 10_000

const character = z.string().length(1)
const timeFormat = z.string().min(1).max(MAX_FORMAT_CHARS)

export const csvOptions = z
  .strictObject({
    delimiter: character.nullable(),
    quote: character.nullable(),
    skippedLines: z.int().min(0).max(MAX_SKIPPED_LINES),
    hasHeader: z.boolean(),
    encoding: z.enum(TEXT_ENCODINGS),
    nullText: z.string().max(MAX_FORMAT_CHARS),
    dateFormat: timeFormat.nullable(),
    timestampFormat: timeFormat.nullable(),
    assumesUtc: z.boolean(),
    decimalSeparator: z.enum(DECIMAL_SEPARATORS),
    groupSeparator: z.enum(GROUP_SEPARATORS).nullable(),
  })
  .register(contractSchemas, { id: 'CsvOptions' }) satisfies z.ZodType<CsvOptions>

const fieldName = z.string().min(1).max(MAX_FIELD_NAME_CHARS)

const columnSource = z.union(
  [
    z.strictObject({ field: fieldName }),
    z.strictObject({ value: z.string().max(MAX_CONSTANT_CHARS).nullable() }),
    z.strictObject({ sql: z.string().min(1).max(MAX_SQL_CHARS) }),
    z.strictObject({ fact: z.enum(ROW_FACTS) }),
    z.strictObject({ pathValue: fieldName }),
    z.strictObject({ rest: z.literal(true) }),
  ],
  {
    error: `A source is an object with one member: the text field, value (or null), sql or pathValue, fact (${ROW_FACTS.join(', ')}), or rest, which is true.`,
  },
)

export const loadMapping = z
  .strictObject({
    columns: boundedRecord(fieldName, columnSource, MAX_MAPPED),
    ignoredFields: z.array(fieldName).max(MAX_MAPPED).readonly(),
  })
  .register(contractSchemas, { id: 'LoadMapping' }) satisfies z.ZodType<LoadMapping>

const MAX_LANDING_WHERE_CHARS = 65_536

export const loadLanding = z
  .strictObject({
    operation: z.enum(LOAD_OPERATIONS),
    /** Null: `main`. A branch that does not exist begins at the tip of `main`. */
    branch: refName.nullable(),
    /** Fails the load where the branch does not exist, as when it was removed while the load waited. */
    branchMustExist: z.literal(true).exactOptional(),
    /** The rows that `replace-where` replaces: a filter as in the Data tab, or JSON of an `Expression`. */
    where: z.string().min(1).max(MAX_LANDING_WHERE_CHARS).exactOptional(),
  })
  .register(contractSchemas, { id: 'LoadLanding' }) satisfies z.ZodType<LoadLanding>

/** A table of which each run of a saved result reads only what was appended since the run before. */
const incrementalTable = z
  .strictObject({
    table: z.strictObject({ catalog: entryName, namespace: namespaceOnWire, table: entryName }),
    /** When rows were deleted or overwritten since. */
    onOtherChanges: z.enum(OTHER_CHANGES),
    /** Rows are read again if the column is at most so long before the newest time that was read. */
    lateness: z
      .strictObject({
        column: z.string().min(1).max(MAX_FIELD_NAME_CHARS),
        seconds: z.int().min(1).max(MAX_LATENESS_SECONDS),
      })
      .exactOptional(),
  })
  .register(contractSchemas, { id: 'IncrementalTable' }) satisfies z.ZodType<IncrementalTable>

export const incrementalTables = z.array(incrementalTable).max(MAX_INCREMENTAL_TABLES).readonly()

export const loadLocationName = z
  .string()
  .regex(LOAD_LOCATION_PATTERN, 'The name of a location has at most 64 letters, digits, _ and -.')
/** Below a location: `2026-05/trips.csv`. */
export const filePath = z.string().min(1).max(MAX_FILE_PATH_CHARS)
/** Paths below a location, with wildcards. */
export const filePattern = z.string().min(1).max(MAX_FILE_PATH_CHARS)

const MAX_URL_CHARS = 2_048
export const loadUrl = z.string().min(1).max(MAX_URL_CHARS)

/** A file of a load location. */
export const locationFile = z.strictObject({ location: loadLocationName, path: filePath })

/** One file of a load, or all files of a location that match a pattern when its run starts. */
export const requestedInput = z
  .union(
    [
      z.strictObject({ uploadId: idText }),
      locationFile,
      z.strictObject({ location: loadLocationName, match: filePattern }),
      z.strictObject({
        /** The host is one that the operator allows; there is no user name and no password. */
        url: loadUrl,
        /** `inputVersion` of a preview; the load fails if the server then has another version. */
        version: z.string().min(1).max(MAX_URL_CHARS).exactOptional(),
      }),
    ],
    {
      error:
        'An input is an object with uploadId, with location and path, with location and match, a pattern of paths, or with url.',
    },
  )
  .register(contractSchemas, { id: 'LoadInput' })
export type RequestedInput = z.output<typeof requestedInput>

/** How the files of a load are read, and which columns they fill. */
export const loadFields = {
  format: z.enum(INPUT_FORMATS),
  /** Only for CSV; without it RFC 4180 and ISO 8601, with the delimiter that fits the header. */
  csv: csvOptions.optional(),
  /** Without it every column takes the field of its name. */
  mapping: loadMapping.optional(),
}

/** The share of all rows that may be rejected. */
export const rejectedShare = z.number().min(0).max(1)

/** Confirmations of a user, without which a load stops. */
export const loadConfirmations = {
  /**
   * Whether columns that have values in the table may be null in every row, because no file has a field for them; without
   * it, such a load is refused.
   */
  allowNullColumns: z.boolean().optional(),
  /**
   * Whether `7.500` is 7.5, although each number of the field could have points between thousands, and other values of
   * the file have decimals after a comma; without it, such a load stops. Separators other than those of a load without
   * options need no confirmation.
   */
  allowAmbiguousNumbers: z.boolean().optional(),
  /**
   * Whether bytes are appended that were loaded into the table in the last 30 days, or that are twice among the files;
   * without it, such a load stops. Loads that replace rows, corrections and saved loads need no confirmation.
   */
  loadAgain: z.boolean().optional(),
}

/** A proposed load apart from its files, with nothing left to a default that may change before its commit. */
export const proposedLoadOptions = {
  ...loadFields,
  /** Whether fields that fill no column are left out, whatever their names. */
  ignoreExtra: z.boolean(),
  ...loadConfirmations,
  /** How many rows that do not fit are skipped. */
  maxRejectedRows: count,
  /** Which share of all rows may be skipped; decided when all files were read. */
  maxRejectedShare: rejectedShare.optional(),
  /** How the rows become rows of the table; without it they are appended to `main`. */
  landing: loadLanding.optional(),
}
