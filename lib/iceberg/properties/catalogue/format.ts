import { bytes, choice, flag, MIB, rows, type PropertyEntry } from './property-entry'

/** The format of files, and the layout inside them. */
export const FORMAT_PROPERTIES: readonly PropertyEntry[] = [
  {
    name: 'write.format.default',
    doc: 'The file format of new data files.',
    values: choice('parquet', 'avro', 'orc'),
    default: 'parquet',
  },
  {
    name: 'write.delete.format.default',
    doc: 'The file format of new delete files; the same as data files if not set.',
    values: choice('parquet', 'avro', 'orc'),
  },
  {
    name: 'write.parquet.row-group-size-bytes',
    doc: 'The target size of a row group in a Parquet file.',
    ...bytes(128 * MIB),
    isHonoured: true,
  },
  {
    name: 'write.parquet.page-size-bytes',
    doc: 'The target size of a page in a column chunk.',
    ...bytes(MIB),
  },
  {
    name: 'write.parquet.page-row-limit',
    doc: 'The maximum number of rows in a page.',
    ...rows(20_000),
  },
  {
    name: 'write.parquet.dict-size-bytes',
    doc: 'The maximum size of a dictionary; beyond it the column is written without one.',
    ...bytes(2 * MIB),
  },
  {
    name: 'write.parquet.bloom-filter-max-bytes',
    doc: 'The maximum size of the Bloom filter of a column chunk.',
    ...bytes(MIB),
  },
  {
    name: 'write.parquet.bloom-filter-enabled.column.',
    doc: 'Whether a Bloom filter is written for the column, so that point lookups skip row groups.',
    ...flag(),
  },
  {
    name: 'write.parquet.bloom-filter-fpp.column.',
    doc: 'The false-positive rate of the column’s Bloom filter.',
    values: { kind: 'share' },
    default: '0.01',
  },
  {
    name: 'write.parquet.stats-enabled.column.',
    doc: 'Whether row groups and pages have statistics of the column.',
    ...flag(),
  },
  {
    name: 'write.orc.stripe-size-bytes',
    doc: 'The target size of a stripe in an ORC file.',
    ...bytes(64 * MIB),
  },
  {
    name: 'write.orc.block-size-bytes',
    doc: 'The file system block size for which ORC files are laid out.',
    ...bytes(256 * MIB),
  },
  {
    name: 'write.orc.bloom.filter.columns',
    doc: 'The columns with an ORC Bloom filter, separated by commas.',
  },
  {
    name: 'write.orc.bloom.filter.fpp',
    doc: 'The false-positive rate of ORC Bloom filters.',
    values: { kind: 'share' },
    default: '0.05',
  },
]
