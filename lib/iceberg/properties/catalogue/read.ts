import { bytes, flag, MIB, POSITIVE_COUNT, rows, type PropertyEntry } from './property-entry'

/** How engines read. */
export const READ_PROPERTIES: readonly PropertyEntry[] = [
  {
    name: 'read.split.target-size',
    doc: 'The number of data bytes that one task reads.',
    ...bytes(128 * MIB),
  },
  {
    name: 'read.split.metadata-target-size',
    doc: 'The number of metadata bytes that one task reads.',
    ...bytes(32 * MIB),
  },
  {
    name: 'read.split.planning-lookback',
    doc: 'The number of open tasks that planning considers when it combines files into tasks.',
    values: POSITIVE_COUNT,
    default: '10',
  },
  {
    name: 'read.split.open-file-cost',
    doc: 'The estimated cost of opening a file when files are combined into tasks, in bytes.',
    ...bytes(4 * MIB),
  },
  {
    name: 'read.split.adaptive-size.enabled',
    doc: 'Lets planning derive the split size from the size of the scan.',
    ...flag('true'),
  },
  {
    name: 'read.parquet.vectorization.enabled',
    doc: 'Reads Parquet in columnar batches instead of row by row.',
    ...flag('true'),
  },
  {
    name: 'read.parquet.vectorization.batch-size',
    doc: 'The number of rows in a Parquet batch.',
    ...rows(5000),
  },
  {
    name: 'read.orc.vectorization.enabled',
    doc: 'Reads ORC in columnar batches.',
    ...flag('false'),
  },
  {
    name: 'read.orc.vectorization.batch-size',
    doc: 'The number of rows in an ORC batch.',
    ...rows(5000),
  },
]
