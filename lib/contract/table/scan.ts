import * as z from 'zod'
import type { NameMapping } from '@/lib/iceberg/properties/name-mapping'
import { endpoint } from '../endpoint'
import { fieldOnWire, schemaOnWire } from '../shapes/iceberg-shapes'
import { MAX_URL_TEXT_CHARS } from '../shapes/limits'
import { contractSchemas } from '../shapes/schemas'
import { count, instantMs, intInQuery, longId, refName, tableInput } from '../shapes/wire'

/** The most files in one page. */
export const MAX_LISTED_FILES = 1_000

/** A plan as a signed text. */
export const scanToken = z.string().min(1).max(MAX_URL_TEXT_CHARS)

/** A longer filter is a mistake or an attack. */
export const MAX_WHERE_CHARS = 262_144

/** A filter on rows. The server checks it and explains errors in it. */
export const whereOnWire = z.string().min(1).max(MAX_WHERE_CHARS)

const nameMappingOnWire: z.ZodType<NameMapping> = z
  .lazy(() => z.array(z.object({ fieldId: z.int().nullable(), names: z.array(z.string()), fields: nameMappingOnWire })))
  .register(contractSchemas, { id: 'NameMapping' })

/** An identity partition value, for a column that the file leaves out. */
const constant = z.object({
  fieldId: z.int(),
  /** Primitive type of the value. */
  type: z.string(),
  /** Single-value binary (Iceberg table spec, appendix D) in base64; null is a null value. */
  value: z.base64().nullable(),
})

const initialDefault = z.object({
  fieldId: z.int(),
  /** Single-value JSON (Iceberg table spec, appendix D) as text, so that no number is rounded. */
  value: z.string(),
})

export const plannedFile = z
  .object({
    /** Position among all files of the scan, from 0. Its bytes are at `GET /api/v1/scans/:token/files/:index`. */
    index: count,
    path: z.string(),
    fileFormat: z.enum(['parquet', 'avro', 'orc', 'puffin']),
    fileSizeBytes: count,
    recordCount: count,
    /** Index of the file's first row among all rows of the scan. */
    firstRowIndex: count,
    sequenceNumber: z.int(),
    /** The row id of the file's first row; null without row lineage. Format v3. */
    firstRowId: longId.nullable(),
    specId: z.int(),
    /** For people: `date_month=2001-03`; empty if the file is not partitioned. */
    partition: z.string(),
    constants: z.array(constant),
    /** The delete files that apply to it, by their index. */
    deletes: z.array(count),
  })
  .register(contractSchemas, { id: 'PlannedFile' })

export const plannedDeleteFile = z
  .object({
    /** Position among all delete files of the snapshot, from 0. Its bytes are at `GET /api/v1/scans/:token/deletes/:index`. */
    index: count,
    path: z.string(),
    content: z.enum(['position-deletes', 'equality-deletes']),
    /** `puffin` for a deletion vector. */
    format: z.enum(['parquet', 'avro', 'orc', 'puffin']),
    fileSizeBytes: count,
    recordCount: count,
    /** Field ids of the columns that an equality delete file compares; empty for others. */
    equalityIds: z.array(z.int()),
    /** The column of each of these ids, with only the path to it. It may have been dropped. */
    equalityFields: z.array(fieldOnWire),
    /** Where a deletion vector is in its file; null for other files. */
    contentOffset: count.nullable(),
    contentSizeBytes: count.nullable(),
    /** The data file to which it applies, if it names one. */
    referencedDataFile: z.string().nullable(),
  })
  .register(contractSchemas, { id: 'PlannedDeleteFile' })

const skippedFiles = z.object({ files: count, rows: count })

/** Files without matching rows, by what says so. */
const skippedByFilter = z
  .object({
    /** Manifests that were not read, because no partition in them can match. Their files count as skipped by partition. */
    manifests: count,
    files: z.object({ partition: skippedFiles, 'null-counts': skippedFiles, bounds: skippedFiles }),
  })
  .register(contractSchemas, { id: 'SkippedByFilter' })

export const signedScanPlan = z
  .object({
    /**
     * Permission to list the files of the scan and to read their bytes, for the user who requested the plan. It contains
     * the filter.
     */
    token: z.string(),
    /** When the token expires. */
    expiresAtMs: instantMs,
    /** Null for a table without a snapshot. */
    snapshotId: longId.nullable(),
    committedAtMs: instantMs.nullable(),
    /** The schema the rows are read with. */
    schema: schemaOnWire,
    /** Initial defaults of columns at any depth, for files that do not contain the column. */
    defaults: z.array(initialDefault),
    /**
     * Rows of all files, deleted ones included: how many are deleted is known when delete files are read. Counts and sizes
     * are those of the whole snapshot, with a filter, too.
     */
    rowCount: count,
    fileCount: count,
    deleteFileCount: count,
    /** The cost of reading all delete files. */
    deleteBytes: count,
    /** Size of all files together; null if the snapshot's summary does not have it. */
    totalBytes: count.nullable(),
    /** For files written without field ids (property `schema.name-mapping.default`); null if the table has none. */
    nameMapping: nameMappingOnWire.nullable(),
    /** The first files. The others are at `GET /api/v1/scans/:token/files`. */
    files: z.array(plannedFile).max(MAX_LISTED_FILES),
    /** The delete files that apply to these files, each once. */
    deleteFiles: z.array(plannedDeleteFile),
    /**
     * Only for a plan with a filter: where the list of its files continues (null at its end), and the files skipped so
     * far.
     */
    filtered: z.object({ nextFile: count.nullable(), skipped: skippedByFilter }).optional(),
  })
  .register(contractSchemas, { id: 'ScanPlan' })
export type SignedScanPlan = z.output<typeof signedScanPlan>
export type PlannedDeleteFile = z.output<typeof plannedDeleteFile>
export type PlannedFile = z.output<typeof plannedFile>
export type SkippedByFilter = z.output<typeof skippedByFilter>

const ROW_ORDER =
  'Rows are counted in this order, which is the same for everyone at one snapshot: data manifests by the least sequence number of their files, then by their own, then by their position in the manifest list; files in the order of their manifest; rows in the order of their file.'

export const scanTable = endpoint({
  summary: 'Plans a scan of a table: counts its rows and files, and returns a token for reading them',
  description: `At most one of \`ref\`, \`snapshot\` and \`at\` is given, and \`at\` is not in the future. Fails with \`not-supported\` for files in formats other than Parquet and Avro, whose rows could be wrong, and with \`too-large\` for more than 100,000 delete files. ${ROW_ORDER}

With \`where\`, files that cannot have a matching row are not listed. It is an \`Expression\` of Iceberg's REST catalog as JSON text, so that no number is rounded: at most 1,000 conditions, 10,000 values and 100 levels, and short enough for a URL when it is compressed. Columns are named by their dotted name or by \`{"type": "reference", "id": …}\`. Transforms of columns are refused. Fails with \`invalid-request\`, naming the column, when a column, its type and a value do not fit together.`,
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/scans',
  permission: 'table:read',
  input: tableInput.extend({
    ref: refName.optional(),
    snapshot: longId.optional(),
    at: instantMs.optional(),
    where: whereOnWire.optional(),
  }),
  output: signedScanPlan,
})

const TOKEN_RULE =
  'The token comes from a scan plan. It names the table, the snapshot and the caller, whose permission `table:read` is checked again.'

export const listPlannedFiles = endpoint({
  summary: 'Lists files of a planned scan in row order, from a file or from the file that contains a row',
  description: `${TOKEN_RULE} At most one of \`fromFile\` and \`fromRow\` is given; the default is the first file. A page is shorter than \`limit\` when many delete files apply to its files, and with a filter when few files match: such a page may be empty and is followed by another one. A plan with a filter has no \`fromRow\`. Fails with \`not-supported\` at a file in a format other than Parquet and Avro.`,
  method: 'GET',
  path: '/api/v1/scans/:token/files',
  permission: 'signed-in',
  input: z.object({
    token: scanToken,
    fromFile: intInQuery.optional(),
    fromRow: intInQuery.optional(),
    limit: intInQuery.optional(),
  }),
  output: z.object({
    files: z.array(plannedFile).max(MAX_LISTED_FILES),
    /** The delete files that apply to these files, each once. */
    deleteFiles: z.array(plannedDeleteFile),
    /** Index of the file where the next page starts; null after the last one. */
    nextFile: count.nullable(),
    /** The files that the plan's filter skipped in this page. */
    skipped: skippedByFilter.optional(),
  }),
})

export const getNullShares = endpoint({
  summary: 'Returns the share of nulls in each column of a planned scan',
  description: TOKEN_RULE,
  method: 'GET',
  path: '/api/v1/scans/:token/null-shares',
  permission: 'signed-in',
  input: z.object({ token: scanToken }),
  output: z.object({
    /**
     * Share of nulls (0–1) of top-level columns, by field id, deleted rows included, if the metrics of every file have it. Null if the scan has
     * too many files to add them up.
     */
    nullShares: z.array(z.object({ fieldId: z.int(), share: z.number().min(0).max(1) })).nullable(),
  }),
})
