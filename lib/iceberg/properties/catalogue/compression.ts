import { COMPRESSION_CODECS } from '../compression'
import { choice, type PropertyEntry } from './property-entry'

/** How files are compressed. */
export const COMPRESSION_PROPERTIES: readonly PropertyEntry[] = [
  {
    name: 'write.parquet.compression-codec',
    doc: 'How the pages of new Parquet files are compressed.',
    values: choice(...COMPRESSION_CODECS),
    default: 'zstd',
    isHonoured: true,
  },
  {
    name: 'write.parquet.compression-level',
    doc: 'The compression level: higher makes smaller files and slower writes.',
    values: { kind: 'integer', min: 0, max: 22 },
    isHonoured: true,
  },
  {
    name: 'write.delete.parquet.compression-codec',
    doc: 'The codec of delete files, if different from that of data files.',
    values: choice(...COMPRESSION_CODECS),
  },
  {
    name: 'write.delete.parquet.compression-level',
    doc: 'The compression level of delete files.',
    values: { kind: 'integer', min: 0, max: 22 },
  },
  {
    name: 'write.avro.compression-codec',
    doc: 'How the blocks of new Avro data files are compressed.',
    values: choice('gzip', 'zstd', 'snappy', 'uncompressed'),
    default: 'gzip',
  },
  {
    name: 'write.avro.compression-level',
    doc: 'The compression level of the Avro codec.',
    values: { kind: 'integer', min: 0, max: 22 },
  },
  {
    name: 'write.orc.compression-codec',
    doc: 'How new ORC files are compressed.',
    values: choice('zlib', 'zstd', 'lz4', 'lzo', 'snappy', 'none'),
    default: 'zlib',
  },
  {
    name: 'write.orc.compression-strategy',
    doc: 'Whether the ORC codec favours speed or size.',
    values: choice('speed', 'compression'),
    default: 'speed',
  },
]
