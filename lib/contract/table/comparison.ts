import * as z from 'zod'
import { endpoint } from '../endpoint'
import { listPlannedFiles, MAX_WHERE_CHARS, scanToken, signedScanPlan } from './scan'
import { contractSchemas } from '../shapes/schemas'
import { count, instantMs, longId, refName, tableInput } from '../shapes/wire'

const fileTotals = z.object({
  fileCount: count,
  /** Deleted rows included. */
  rowCount: count,
  bytes: count,
})

/** A scan of one of two snapshots. Its `files` are only the files that the other snapshot lacks. */
const comparedSnapshot = signedScanPlan
  .extend({
    /** All files that the other snapshot lacks. A file to which other deletes apply is one of them. */
    differing: fileTotals,
    /** Index of the next such file; null after the last one. */
    nextFile: count.nullable(),
    /** Iceberg's operation and the writer of the commit; null for a table without a snapshot. */
    operation: z.string().nullable(),
    /** Snapshots of the table from this one back to the other, if that is its ancestor; null if it is not. */
    commitCount: count.nullable(),
  })
  .register(contractSchemas, { id: 'ComparedSnapshot' })
export type ComparedSnapshot = z.output<typeof comparedSnapshot>

export const propertyChange = z.object({
  name: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
})

/** Live data files of each side with one partition spec or sort order. */
const layoutFiles = z.object({
  /** Null for files that record no sort order. */
  id: count.nullable(),
  /** The spec or order, with the current names of columns; empty without fields, null if the metadata lacks it. */
  label: z.string().nullable(),
  before: z.object({ fileCount: count, bytes: count }),
  after: z.object({ fileCount: count, bytes: count }),
})

export const snapshotComparison = z
  .object({
    before: comparedSnapshot,
    after: comparedSnapshot,
    /** Files that both snapshots have with the same deletes. Their rows are the same. */
    shared: z.object({ fileCount: count }),
    /** How many files both snapshots have with other deletes. They are in `differing` of each side. */
    redeletedFileCount: count,
    /** Changes between the metadata files at the two snapshots; null if these files are not known. */
    properties: z.array(propertyChange).nullable(),
    /** Why the properties and the layout are not known. */
    propertiesProblem: z.string().nullable(),
    /**
     * Changes of the format version, the default partition spec and the default sort order between the same metadata
     * files; null if these files are not known. A snapshot has no spec or order of its own.
     */
    layout: z.array(propertyChange).nullable(),
    /** Whether both sides use the current metadata, as two branches do. */
    sharesMetadata: z.boolean(),
    /** The sides whose metadata file is not known. */
    unknownSides: z.array(z.enum(['before', 'after'])),
    /** All live data files by partition spec and by sort order, also without the filter; null if they are not counted. */
    layoutFiles: z.object({ specs: z.array(layoutFiles), orders: z.array(layoutFiles) }).nullable(),
    /** Why they are not counted: there are too many, or a manifest cannot be read. */
    layoutFilesProblem: z.string().nullable(),
  })
  .register(contractSchemas, { id: 'SnapshotComparison' })
export type SnapshotComparison = z.output<typeof snapshotComparison>

const asOfFields = (side: string) => ({
  ref: refName.optional().describe(`A branch or tag, ${side}`),
  snapshot: longId.optional(),
  at: instantMs.optional(),
})

export const compareSnapshots = endpoint({
  summary: 'Plans a comparison of two snapshots of a table: the data files that only one of them has',
  description:
    'At most one of `ref`, `snapshot` and `at` is given for each side. Each side has a token, as a scan has. Fails with `too-large` when too many files would have to be compared, and as `scanTable` does.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/comparison',
  permission: 'table:read',
  input: tableInput.extend({
    before: z.object(asOfFields('before')),
    after: z.object(asOfFields('after')),
    where: z
      .string()
      .min(1)
      .max(MAX_WHERE_CHARS)
      .optional()
      .describe('A filter as in `scanTable`: files of which no row can pass it are left out'),
  }),
  output: snapshotComparison,
})

export const listDifferingFiles = endpoint({
  summary: 'Lists the files of a planned scan that another scan of the same table lacks',
  description:
    'Both tokens come from a plan of a comparison and name the table, the snapshots and the caller, whose permission `table:read` is checked again.',
  method: 'GET',
  path: '/api/v1/scans/:token/differing-files',
  permission: 'signed-in',
  input: listPlannedFiles.input.pick({ token: true, fromFile: true, limit: true }).extend({
    /** The token of the other scan. */
    other: scanToken,
  }),
  output: listPlannedFiles.output,
})
