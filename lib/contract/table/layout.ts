import * as z from 'zod'
import { endpoint } from '../endpoint'
import { MAX_LAYOUT_CANDIDATES } from '../shapes/plain-values'
import { contractSchemas } from '../shapes/schemas'
import { count, instantMs, longId, refName, tableInput } from '../shapes/wire'

const MAX_FIELDS = 10
const MAX_SORT_COLUMNS = 3
export const MAX_FILTER_COLUMNS = 20

/** The lower bound, the upper bound, and the estimate from a sample; null without a sample. */
const estimate = z.object({ low: z.number(), estimate: z.number().nullable(), high: z.number() })
export type WireEstimate = z.output<typeof estimate>

const partitioning = z.object({
  /** `month(date), bucket[4](id)`; empty for an unpartitioned table. */
  label: z.string(),
  partitions: estimate,
  files: estimate,
  medianRows: estimate,
  largestRows: estimate,
  /** Rows in the largest partition for each row in the median one. */
  skew: estimate,
  /** Partitions with fewer rows than a quarter of a file of the target size has. */
  smallPartitions: estimate,
  /** In the order of their values; the largest ones, if there are more than are listed. */
  listed: z.array(z.object({ label: z.string(), rows: estimate })).max(200),
  isListComplete: z.boolean(),
  /** Rows of files of which manifests say the partition; whose bounds span several; and without bounds that help. */
  exactRows: count,
  spannedRows: count,
  unboundedRows: count,
  /** Rows that were read of files whose bounds span several partitions. */
  sampledRows: count,
  /** Whether they are all rows of these files. Then only deleted rows can leave a figure uncertain. */
  isEveryRowRead: z.boolean(),
})
export type SimulatedLayout = z.output<typeof partitioning>

const sortedness = z.object({
  fieldId: z.int(),
  column: z.string(),
  /** Files with both bounds. */
  comparedFiles: count,
  /** How many partitions they are in; 1 for an unpartitioned table. */
  partitionCount: count,
  /** Files whose bounds share more than one value with those of another file of their partition. */
  overlappingFiles: count,
  unknownFiles: count,
  /** Over the lower bounds of all files: how many files, of any partition, have bounds that include the value. */
  averageFilesPerValue: z.number(),
  mostFilesPerValue: count,
  /**
   * Some files by partition, in the order of their bounds, and where these are in the order of all bounds, from 0 to 1.
   */
  exampleFiles: z
    .array(
      z.object({
        /** The number of its partition, in the order of their lowest bounds, from 0. */
        partition: count,
        lower: z.string(),
        upper: z.string(),
        from: z.number(),
        to: z.number(),
        isOverlapping: z.boolean(),
      }),
    )
    .max(60),
})
export type Sortedness = z.output<typeof sortedness>

export const layoutSimulation = z
  .object({
    /** Null for a table without snapshots. */
    snapshotId: longId.nullable(),
    rowCount: count,
    dataFileCount: count,
    dataBytes: count,
    deleteFileCount: count,
    /** The target size of data files, from the property `write.target-file-size-bytes` or Iceberg’s default. */
    targetBytes: count,
    isTargetSet: z.boolean(),
    /** The live files by the spec that they were written with. */
    specs: z.array(
      z.object({
        specId: z.int(),
        label: z.string(),
        isCurrent: z.boolean(),
        dataFileCount: count,
        rowCount: count,
        dataBytes: count,
        deleteFileCount: count,
      }),
    ),
    current: partitioning,
    candidates: z.array(partitioning).max(MAX_LAYOUT_CANDIDATES),
    sample: z.object({
      rowCount: count,
      fileCount: count,
      /** Whether they are all rows of these files. */
      isEveryRow: z.boolean(),
      /** Why rows could not be read; null if they were, or none were needed. */
      problem: z.string().nullable(),
    }),
    sortedness: z.array(sortedness).max(MAX_SORT_COLUMNS),
    /**
     * The newest scans that engines reported, at most 500 of the last 30 days; none if none reports here. Engines leave
     * the values out of filters, so how many files another layout would let them skip is not known.
     */
    scans: z.object({
      reportCount: count,
      /** Columns of filters, the commonest first. */
      columns: z
        .array(z.object({ column: z.string(), scanCount: count, averageFilesRead: z.number().nullable() }))
        .max(MAX_FILTER_COLUMNS),
    }),
  })
  .register(contractSchemas, { id: 'LayoutSimulation' })
export type LayoutSimulation = z.output<typeof layoutSimulation>

export const simulateLayouts = endpoint({
  summary: 'Estimates how other partition specs would partition a table, and how sorted its files are',
  description: `Changes nothing. Estimates are for all rows of the snapshot, written again. Counts and bounds in manifests give limits that hold for certain; files whose bounds span several partitions are sampled, and then all limits of a candidate hold together with a probability of 99 %. \`low\` and \`high\` are these limits. Bounds are believed. Each call of a snapshot samples the same rows. The sample includes deleted rows, which widen the limits. A table may have at most 1,000,000 data files.`,
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/layouts/simulation',
  permission: 'table:read',
  input: tableInput.extend({
    ref: refName.optional(),
    snapshot: longId.optional(),
    at: instantMs.optional(),
    candidates: z
      .array(
        z.object({
          fields: z.array(z.object({ sourceId: z.int().min(0), transform: z.string().max(100) })).max(MAX_FIELDS),
        }),
      )
      .max(MAX_LAYOUT_CANDIDATES),
    /** Ids of columns. */
    sortColumns: z.array(z.int().min(0)).max(MAX_SORT_COLUMNS),
  }),
  output: layoutSimulation,
})
