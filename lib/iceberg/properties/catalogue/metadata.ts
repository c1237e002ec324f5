import { choice, flag, POSITIVE_COUNT, type PropertyEntry } from './property-entry'

/** Metadata files and their content. */
export const METADATA_PROPERTIES: readonly PropertyEntry[] = [
  {
    name: 'write.metadata.path',
    doc: 'Where metadata files go; the folder `metadata` of the table if not set.',
    since: '0.7.0',
    honouredBy: ['spark', 'flink', 'trino', 'pyiceberg', 'lakeshore'],
  },
  {
    name: 'write.metadata.compression-codec',
    doc: 'Whether metadata files are compressed.',
    values: choice('none', 'gzip'),
    default: 'none',
    since: '0.7.0',
    honouredBy: ['spark', 'flink', 'trino', 'lakeshore'],
  },
  {
    name: 'write.metadata.previous-versions-max',
    doc: 'The number of earlier metadata files in the metadata log.',
    values: POSITIVE_COUNT,
    default: '100',
    unit: 'files',
    since: '0.8.0',
    honouredBy: ['spark', 'flink', 'trino', 'pyiceberg', 'lakeshore'],
  },
  {
    name: 'write.metadata.delete-after-commit.enabled',
    doc: 'Whether a commit deletes metadata files that leave the metadata log.',
    ...flag('false'),
    since: '0.8.0',
    honouredBy: ['spark', 'flink', 'trino', 'pyiceberg'],
  },
  {
    name: 'write.manifest-lists.enabled',
    doc: 'Whether snapshots of v1 tables have a manifest list. Deprecated: writers ignore it and always write one.',
    ...flag('true'),
    since: '0.7.0',
    honouredBy: [],
  },
  {
    name: 'schema.name-mapping.default',
    doc: 'Maps column names to field ids for data files without field ids, as JSON.',
    values: { kind: 'name-mapping' },
    since: '0.7.0',
    honouredBy: ['spark', 'flink', 'trino', 'pyiceberg', 'lakeshore'],
  },
  {
    name: 'compatibility.snapshot-id-inheritance.enabled',
    doc: 'Lets v1 tables commit manifests whose entries have no snapshot id.',
    ...flag('false'),
    since: '0.8.0',
    honouredBy: ['spark', 'flink', 'trino'],
  },
  {
    name: 'engine.hive.enabled',
    doc: 'Registers the table in a Hive metastore so that Hive can read it.',
    ...flag('false'),
    since: '0.10.0',
    honouredBy: ['spark', 'flink'],
  },
  {
    name: 'engine.hive.lock-enabled',
    doc: 'Whether a commit to a Hive metastore takes its lock.',
    ...flag('true'),
    since: '1.3.0',
    honouredBy: ['spark', 'flink', 'trino'],
  },
]
