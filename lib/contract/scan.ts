import { z } from 'zod'
import type { NameMapping } from '@/lib/iceberg/schema/name-mapping'
import { endpoint } from './endpoint'
import { schemaOnWire } from './shapes/iceberg-shapes'
import { contractSchemas } from './shapes/schemas'
import { count, instantMs, longId, tableInput } from './shapes/wire'

/** A plan with more files than this is refused: every file needs a signed token. */
export const MAX_SCAN_FILES = 10_000

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

export const plannedFile = z
  .object({
    /** Permission to read the file's bytes, at `GET /api/v1/files/:token`. */
    token: z.string(),
    path: z.string(),
    fileSizeBytes: count,
    recordCount: count,
    /** Index of the file's first row among all rows of the scan. */
    firstRowIndex: count,
    sequenceNumber: z.int(),
    specId: z.int(),
    /** For people: `date_month=2001-03`; empty if the file is not partitioned. */
    partition: z.string(),
    constants: z.array(constant),
  })
  .register(contractSchemas, { id: 'PlannedFile' })

export const signedScanPlan = z
  .object({
    /** Null for a table without a snapshot. */
    snapshotId: longId.nullable(),
    committedAtMs: instantMs.nullable(),
    /** The schema the rows are read with. */
    schema: schemaOnWire,
    rowCount: count,
    fileCount: count,
    totalBytes: count,
    /** When the tokens expire. */
    expiresAtMs: instantMs,
    /** For files written without field ids (property `schema.name-mapping.default`); null if the table has none. */
    nameMapping: nameMappingOnWire.nullable(),
    /** Share of nulls (0–1) of top-level columns, by field id, if the metrics of every file have it. */
    nullShares: z.array(z.object({ fieldId: z.int(), share: z.number().min(0).max(1) })),
    /** In the order of the rows: by data sequence number, then by path. */
    files: z.array(plannedFile).max(MAX_SCAN_FILES),
  })
  .register(contractSchemas, { id: 'ScanPlan' })
export type SignedScanPlan = z.output<typeof signedScanPlan>
export type PlannedFile = z.output<typeof plannedFile>

export const scanTable = endpoint({
  summary: 'Plans a scan: the files that hold the rows of a table, in row order, with links to read them',
  description:
    'At most one of `ref`, `snapshot` and `at` is given, and `at` is not in the future. Fails with `not-supported` when rows could be shown wrongly (delete files, formats other than Parquet, default values of format version 3), and with `too-large` when the table has too many files.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/scan',
  permission: 'table:read',
  input: tableInput.extend({
    ref: z.string().min(1).optional(),
    snapshot: longId.optional(),
    at: instantMs.optional(),
  }),
  output: signedScanPlan,
})
