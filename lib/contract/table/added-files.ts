import * as z from 'zod'
import { endpoint } from '../endpoint'
import { contractSchemas } from '../shapes/schemas'
import { count, instantMs, longId, refName, tableInput } from '../shapes/wire'

export const MAX_ADDED_PARTITIONS = 2_000
export const MAX_NEWEST_FILES = 50

/** The units of a partition spec whose only field is a span of time. */
const PARTITION_TIMES = ['hour', 'day', 'month'] as const
export type PartitionTime = (typeof PARTITION_TIMES)[number]

/** A number of a snapshot summary, which is text and may be beyond 2^53; null if its writer left it out. */
const summaryNumber = z
  .string()
  .regex(/^\d{1,30}$/)
  .nullable()

/** A total of the branch before and after the commit, and what the commit says that it added and removed. */
const commitFigure = z.object({
  before: summaryNumber,
  added: summaryNumber,
  removed: summaryNumber,
  after: summaryNumber,
})
export type CommitFigure = z.output<typeof commitFigure>

const addedPartition = z.object({
  /** For people: `date_day=2001-10-19`; empty if the table is not partitioned. */
  label: z.string(),
  /** Hours, days or months since 1970, in a spec whose only field is that; null for another one, and for null. */
  timeIndex: z.int().nullable(),
  rowCount: count,
  fileCount: count,
  bytes: count,
})
export type AddedPartition = z.output<typeof addedPartition>

const addedFile = z.object({
  path: z.string(),
  partition: z.string(),
  recordCount: count,
  fileSizeBytes: count,
})

export const addedFiles = z
  .object({
    snapshotId: longId,
    parentSnapshotId: longId.nullable(),
    committedAtMs: instantMs,
    operation: z.string(),
    sequenceNumber: z.int(),
    /** How many commits the branch has after this one; null if the branch does not have it. */
    newerCount: count.nullable(),
    /**
     * The snapshot of `main` with these changes, after which `main` has `newerCount` commits: this one, or the copy that
     * published it from another branch. Null if `main` has neither.
     */
    onMain: z.object({ snapshotId: longId, parentSnapshotId: longId.nullable(), newerCount: count }).nullable(),
    rows: commitFigure,
    files: commitFigure,
    bytes: commitFigure,
    /**
     * The rows that readers of the branch see, before and after: without those that delete files remove, which `rows`
     * counts. Null if that is not known exactly: after deletes
     * by equality, or with very many delete files.
     */
    liveRows: z.object({ before: summaryNumber, after: summaryNumber }),
    /** The partition spec of the data files, such as `day(date)`; empty for files without partitions. */
    partitionedBy: z.string(),
    specId: z.int().nullable(),
    /** The unit of `timeIndex`. */
    partitionTime: z.enum(PARTITION_TIMES).nullable(),
    dataFileCount: count,
    deleteFileCount: count,
    partitionCount: count,
    /** In the order of their values; the first ones of very many. */
    partitions: z.array(addedPartition).max(MAX_ADDED_PARTITIONS),
    /** The data files that the commit lists last, the last one first. */
    newestFiles: z.array(addedFile).max(MAX_NEWEST_FILES),
    /** Whether the commit added more files than were read; the counts leave out the rest. */
    isTruncated: z.boolean(),
  })
  .register(contractSchemas, { id: 'AddedFiles' })
export type AddedFiles = z.output<typeof addedFiles>

export const getAddedFiles = endpoint({
  summary: 'Describes a commit and the files that it added, by partition',
  description:
    'Reads the manifests that the snapshot added, and for `liveRows` those of the snapshot and its parent, if they have delete files; at most 300,000 files each. Fails with `not-found` when the table no longer has the snapshot.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/added-files',
  permission: 'table:read',
  input: tableInput.extend({
    snapshot: longId,
    /** For `newerCount`; by default `main`. */
    branch: refName.optional(),
  }),
  output: addedFiles,
})
