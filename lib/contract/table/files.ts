import * as z from 'zod'
import { endpoint } from '../endpoint'
import { MAX_URL_TEXT_CHARS } from '../shapes/limits'
import { MAX_SUMMARIZED_COLUMNS } from '../shapes/plain-values'
import { contractSchemas } from '../shapes/schemas'
import { snapshotFileFields } from '../shapes/snapshot-file'
import { count, instantMs, intInQuery, location, longId, tableAsOfInput, tableInput } from '../shapes/wire'
import { FILE_SORTS, PARTITION_SORTS } from './file-sorts'

/** More than any name or partition that a user types or pastes. */
const MAX_FILTER_CHARS = 1_000

export const liveFile = z
  .object({
    path: z.string(),
    content: z.enum(['data', 'position-deletes', 'equality-deletes']),
    format: z.string(),
    /** The status in the manifest; a file of a snapshot is live unless it is marked as deleted. */
    status: z.enum(['existing', 'added', 'deleted']),
    /** Location of the manifest that lists it. */
    manifestPath: z.string(),
    recordCount: count,
    fileSizeBytes: count,
    sequenceNumber: z.int(),
    addedSnapshotId: longId,
    specId: z.int(),
    /** For people: `date_month=2001-03`; empty if the table is not partitioned. */
    partition: z.string(),
    /** From the cached footer of the file; null if it has not been read yet. */
    codec: z.string().nullable(),
    plainBytes: count.nullable(),
    /** Pages after the codec: the file without its footer. */
    storedBytes: count.nullable(),
  })
  .register(contractSchemas, { id: 'LiveFile' })
export type LiveFile = z.output<typeof liveFile>

export const listFiles = endpoint({
  summary: 'Lists the files of a snapshot in scan order, or the entries of one of its manifests, a page at a time',
  description:
    'With `filter` or `sort`, all files are searched before a page is returned, at most the first 300,000 in scan order: `searchedCount` says how many. Partitions are sorted by the types of their values, files of one spec together. Unknown values come last in both directions.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/files',
  permission: 'table:read',
  input: tableAsOfInput.extend({
    offset: intInQuery.optional(),
    /** Lists the entries of this manifest only, including deleted ones. */
    manifest: location.optional(),
    /** Lists only files with this text in their path or partition, in any case. */
    filter: z.string().max(MAX_FILTER_CHARS).optional(),
    /** A column; with `-` in front, from its largest value. */
    sort: z.enum(FILE_SORTS).optional(),
  }),
  output: z.object({
    snapshotId: longId.nullable(),
    /** The manifests that were read for the page. */
    manifestCount: count,
    manifestBytes: count,
    totalCount: count,
    /** The files that the filter and the order consider: all, unless there are very many. */
    searchedCount: count,
    /** The files among them that match the filter. */
    matchCount: count,
    /** Bytes of all files; null when there are many and the snapshot's summary does not say. */
    totalBytes: count.nullable(),
    files: z.array(liveFile).max(1000),
    nextOffset: z.int().nullable(),
  }),
})

/**
 * A column's metrics in the manifest entry of a file. Null: the entry has none. Bounds are text, exact, by the column's
 * type.
 */
const fileColumn = z.object({
  fieldId: z.int(),
  /** Dotted, from the table's schemas; null if none has the field. */
  name: z.string().nullable(),
  type: z.string().nullable(),
  storedBytes: count.nullable(),
  valueCount: count.nullable(),
  nullCount: count.nullable(),
  nanCount: count.nullable(),
  lowerBound: z.string().nullable(),
  upperBound: z.string().nullable(),
})
export type FileColumn = z.output<typeof fileColumn>

export const getFile = endpoint({
  summary: 'Returns the manifest entry of one file of a snapshot, with its columns a page at a time',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/files/entry',
  permission: 'table:read',
  input: tableAsOfInput.extend({ ...snapshotFileFields, columnOffset: intInQuery.optional() }),
  output: z.object({
    file: liveFile,
    fileSequenceNumber: z.int().nullable(),
    sortOrderId: z.int().nullable(),
    /** Columns that an equality delete compares, as `id name`. */
    equalityColumns: z.array(z.string()).nullable(),
    splitOffsets: z.array(count).nullable(),
    referencedDataFile: z.string().nullable(),
    firstRowId: longId.nullable(),
    columnCount: count,
    columns: z.array(fileColumn).max(1000),
    nextColumnOffset: z.int().nullable(),
  }),
})

export const listedManifest = z
  .object({
    path: z.string(),
    content: z.enum(['data', 'deletes']),
    lengthBytes: count,
    specId: z.int(),
    sequenceNumber: z.int(),
    minSequenceNumber: z.int(),
    addedSnapshotId: longId,
    /** Null if an old writer left the counts out. */
    addedFilesCount: count.nullable(),
    existingFilesCount: count.nullable(),
    deletedFilesCount: count.nullable(),
    addedRowsCount: count.nullable(),
    existingRowsCount: count.nullable(),
    deletedRowsCount: count.nullable(),
    /** Per field of the partition spec. Bounds are text, by the type of the partition value. */
    partitions: z.array(
      z.object({
        name: z.string(),
        lower: z.string().nullable(),
        upper: z.string().nullable(),
        containsNull: z.boolean(),
        containsNan: z.boolean().nullable(),
      }),
    ),
    firstRowId: longId.nullable(),
  })
  .register(contractSchemas, { id: 'Manifest' })
export type ListedManifest = z.output<typeof listedManifest>

export const listManifests = endpoint({
  summary: 'Lists the manifests of a snapshot in the order of its manifest list, a page at a time',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/manifests',
  permission: 'table:read',
  input: tableAsOfInput.extend({ offset: intInQuery.optional() }),
  output: z.object({
    snapshotId: longId.nullable(),
    /** Null for a snapshot of format v1 that lists its manifests itself. */
    manifestList: z.string().nullable(),
    totalCount: count,
    totalBytes: count,
    manifests: z.array(listedManifest).max(1000),
    nextOffset: z.int().nullable(),
  }),
})

export const metadataFile = z
  .object({
    location: z.string(),
    writtenAtMs: instantMs,
    isCurrent: z.boolean(),
    sizeBytes: count.nullable(),
    /** Why the size is not known: the file is gone, or may not be read. */
    problem: z.string().nullable(),
  })
  .register(contractSchemas, { id: 'MetadataFile' })
export type MetadataFile = z.output<typeof metadataFile>

export const listMetadataFiles = endpoint({
  summary:
    'Lists the current metadata file of a table and the files in its metadata log, newest first, a page at a time',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/metadata-files',
  permission: 'table:read',
  input: tableInput.extend({ offset: intInQuery.optional() }),
  output: z.object({
    totalCount: count,
    files: z.array(metadataFile).max(100),
    nextOffset: z.int().nullable(),
  }),
})

/** Figures of the current snapshot; null: its writer did not count them. Without a snapshot they are 0. */
const metadataFigures = z.object({
  rowCount: count.nullable(),
  dataFileCount: count.nullable(),
  deleteFileCount: count.nullable(),
  liveBytes: count.nullable(),
  /** Branches and tags of the table. */
  refCount: count,
})
export type MetadataFigures = z.output<typeof metadataFigures>

export const compareMetadataFiles = endpoint({
  summary: 'Compares the metadata of a table in two of its metadata files, field by field',
  description:
    'Values are exact JSON text. Elements of lists are compared by their ids. Values of properties that grant access are masked.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/metadata-files/comparison',
  permission: 'table:read',
  input: tableInput.extend({
    /** Locations of two metadata files in the list. */
    from: location,
    to: location,
  }),
  output: z.object({
    figures: z.object({ before: metadataFigures, after: metadataFigures }),
    /** Whether there are more differences than are listed. */
    isTruncated: z.boolean(),
    differences: z
      .array(
        z.object({
          path: z.string(),
          /** Null: added. Long values are cut off with an ellipsis. */
          before: z.string().nullable(),
          /** Null: removed. */
          after: z.string().nullable(),
        }),
      )
      .max(1000),
  }),
})

/** A file in a folder of a table, whatever put it there. */
export const storedObject = z
  .object({
    name: z.string(),
    location: z.string(),
    sizeBytes: count,
    modifiedAtMs: instantMs.nullable(),
    /** `unknown`: no reference was found, but not all metadata could be read yet. */
    reference: z.enum(['referenced', 'unreferenced', 'unknown']),
  })
  .register(contractSchemas, { id: 'StoredObject' })
export type StoredObject = z.output<typeof storedObject>

export const listObjects = endpoint({
  summary: 'Lists the content of a folder of a table, a page at a time, and which files no snapshot references',
  description:
    'Files are compared with the references of all snapshots in the current metadata: data and delete files, manifests, manifest lists, metadata files and statistics. They are read a few seconds at a time; repeat the request until `references.isComplete`. A file without a reference may belong to a write in progress.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/objects',
  permission: 'table:read',
  input: tableInput.extend({
    /** Location of a folder of the table; its location by default. */
    folder: location.optional(),
    /** Lists only entries whose names contain it, without case and accents. */
    search: z.string().max(1000).optional(),
    pageToken: z.string().min(1).max(MAX_URL_TEXT_CHARS).optional(),
  }),
  output: z.object({
    folder: z.string(),
    /** The folders that the table uses, its location first. */
    roots: z.array(z.string()),
    folders: z.array(z.string()).max(1000),
    objects: z.array(storedObject).max(1000),
    /** Entries of the folder that were looked through for this page. A search continues with `nextPageToken`. */
    searchedCount: count,
    nextPageToken: z.string().nullable(),
    references: z.object({
      isComplete: z.boolean(),
      readManifestCount: count,
      knownManifestCount: count,
      /** Why the references stay incomplete; null if they do not. */
      problem: z.string().nullable(),
    }),
  }),
})

export type ObjectPage = z.output<typeof listObjects.output>

/** Files of one partition of a snapshot. */
export const listedPartition = z
  .object({
    specId: z.int(),
    /** For people: `date_month=2001-03`; empty if the spec has no fields. */
    partition: z.string(),
    dataFileCount: count,
    dataBytes: count,
    rowCount: count,
    deleteFileCount: count,
    deleteBytes: count,
  })
  .register(contractSchemas, { id: 'Partition' })
export type ListedPartition = z.output<typeof listedPartition>

/** Partitions by one of their figures, in ranges from the smallest with a partition to the largest. */
const partitionRanges = z.array(z.object({ from: count, to: count, partitionCount: count })).max(100)

/**
 * A column by the metrics of all data files, deleted rows included. Null if a file does not say, or if there are more
 * than 10,000 files. Bounds are text by the column's type; writers may cut long ones off.
 */
const columnSummary = z
  .object({
    fieldId: z.int(),
    nullShare: z.number().min(0).max(1).nullable(),
    lowerBound: z.string().nullable(),
    upperBound: z.string().nullable(),
  })
  .register(contractSchemas, { id: 'ColumnSummary' })
export type ColumnSummary = z.output<typeof columnSummary>

export const summarizeFiles = endpoint({
  summary:
    'Sums up the live files of a snapshot by size, by column and by partition, largest partitions first, a page at a time',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/files/summary',
  permission: 'table:read',
  input: tableAsOfInput.extend({
    offset: intInQuery.optional(),
    /** A column of the partitions; with `-` in front, from its largest value. By default `-stored`. */
    sort: z.enum(PARTITION_SORTS).optional(),
  }),
  output: z.object({
    dataFileCount: count,
    dataBytes: count,
    /** `write.target-file-size-bytes` of the table, or its default. */
    targetBytes: count,
    isTargetSet: z.boolean(),
    /**
     * Data files by size, in ranges from the smallest with a file to the largest. They double, or are narrower when all
     * files are of about one size. The target is a limit of ranges. Files of `toBytes` are in the next range.
     */
    sizes: z.array(z.object({ fromBytes: count, toBytes: count, fileCount: count, totalBytes: count })).max(100),
    /** Null without data files. */
    smallestFileBytes: count.nullable(),
    largestFileBytes: count.nullable(),
    partitionCount: count,
    /** Partitions with data files, by the number of these files. */
    partitionsByFiles: partitionRanges,
    /** Partitions with data files, by their bytes. */
    partitionsByBytes: partitionRanges,
    partitions: z.array(listedPartition).max(1000),
    /** The first top-level columns of the shown schema, in its order. Only the first page has them. */
    columns: z.array(columnSummary).max(MAX_SUMMARIZED_COLUMNS),
    nextOffset: z.int().nullable(),
  }),
})
