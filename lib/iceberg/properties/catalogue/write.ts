import { bytes, choice, flag, MIB, type PropertyEntry } from './property-entry'

/** Where and how engines write files. */
export const WRITE_PROPERTIES: readonly PropertyEntry[] = [
  {
    name: 'write.target-file-size-bytes',
    doc: 'The target size of new data files.',
    ...bytes(512 * MIB),
    isHonoured: true,
  },
  {
    name: 'write.delete.target-file-size-bytes',
    doc: 'The target size of new delete files.',
    ...bytes(64 * MIB),
  },
  {
    name: 'write.data.path',
    doc: 'Where data files go; the folder `data` of the table if not set.',
    isHonoured: true,
  },
  {
    name: 'write.object-storage.enabled',
    doc: 'Starts data file paths with a hash, so that an object store spreads the load.',
    ...flag('false'),
  },
  {
    name: 'write.object-storage.partitioned-paths',
    doc: 'Keeps partition values in those hashed paths.',
    ...flag('true'),
  },
  {
    name: 'write.location-provider.impl',
    doc: 'A Java class that chooses file locations.',
  },
  {
    name: 'write.wap.enabled',
    doc: 'Lets a writer stage a snapshot for audit before it is published.',
    ...flag('false'),
  },
  {
    name: 'write.spark.fanout.enabled',
    doc: 'Lets Spark keep a file open for each partition instead of sorting first; uses more memory.',
    ...flag('false'),
  },
  {
    name: 'write.spark.accept-any-schema',
    doc: 'Lets Spark write a data frame whose columns differ from the table’s.',
    ...flag('false'),
  },
  {
    name: 'write.delete.mode',
    doc: 'Whether DELETE rewrites files or adds delete files.',
    values: choice('copy-on-write', 'merge-on-read'),
    default: 'copy-on-write',
  },
  {
    name: 'write.update.mode',
    doc: 'Whether UPDATE rewrites files or adds delete files.',
    values: choice('copy-on-write', 'merge-on-read'),
    default: 'copy-on-write',
  },
  {
    name: 'write.merge.mode',
    doc: 'Whether MERGE rewrites files or adds delete files.',
    values: choice('copy-on-write', 'merge-on-read'),
    default: 'copy-on-write',
  },
  {
    name: 'write.delete.isolation-level',
    doc: 'Which concurrent changes make a DELETE fail when it commits.',
    values: choice('serializable', 'snapshot'),
    default: 'serializable',
  },
  {
    name: 'write.update.isolation-level',
    doc: 'Which concurrent changes make an UPDATE fail when it commits.',
    values: choice('serializable', 'snapshot'),
    default: 'serializable',
  },
  {
    name: 'write.merge.isolation-level',
    doc: 'Which concurrent changes make a MERGE fail when it commits.',
    values: choice('serializable', 'snapshot'),
    default: 'serializable',
  },
  {
    name: 'write.delete.granularity',
    doc: 'Whether a position delete file covers a partition or one data file.',
    values: choice('partition', 'file'),
    default: 'partition',
  },
]
