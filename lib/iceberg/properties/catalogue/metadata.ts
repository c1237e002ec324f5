import { choice, flag, POSITIVE_COUNT, type PropertyEntry } from './property-entry'

/** Metadata files, and what they say of the table. */
export const METADATA_PROPERTIES: readonly PropertyEntry[] = [
  {
    name: 'write.metadata.path',
    doc: 'Where metadata files go; the folder `metadata` of the table if not set.',
    isHonoured: true,
  },
  {
    name: 'write.metadata.compression-codec',
    doc: 'Whether metadata files are compressed.',
    values: choice('none', 'gzip'),
    default: 'none',
    isHonoured: true,
  },
  {
    name: 'write.metadata.previous-versions-max',
    doc: 'The number of earlier metadata files in the metadata log.',
    values: POSITIVE_COUNT,
    default: '100',
    unit: 'files',
    isHonoured: true,
  },
  {
    name: 'write.metadata.delete-after-commit.enabled',
    doc: 'Whether a commit deletes metadata files that leave the metadata log.',
    ...flag('false'),
  },
  {
    name: 'schema.name-mapping.default',
    doc: 'Maps column names to field ids for data files without field ids, as JSON.',
    isHonoured: true,
  },
  {
    name: 'compatibility.snapshot-id-inheritance.enabled',
    doc: 'Lets v1 tables commit manifests whose entries have no snapshot id.',
    ...flag('false'),
  },
  {
    name: 'comment',
    doc: 'What the table is for, in the owner’s words.',
  },
  {
    name: 'owner',
    doc: 'Who is responsible for the table.',
  },
]
