import { parquetMetadataAsync, parquetRead } from 'hyparquet'
import { loadReader, readSpan } from './reader.mjs'

/** Reads the first `rows` rows of the first file with our reader and with hyparquet alone, in turns. */
export async function compareReaders(files, rows, rounds) {
  const { readFirstRows, pageCodecs } = await loadReader()
  const compressors = { GZIP: pageCodecs.gzip, ZSTD: pageCodecs.zstd, BROTLI: pageCodecs.brotli }
  const [file] = files
  const fields = await readFields(file)
  const sides = {
    ours: async () => readFirstRows([file], fields, rows),
    hyparquet: () => readWithHyparquet(file, rows, compressors),
  }
  const samples = { ours: { ms: [], bytes: 0 }, hyparquet: { ms: [], bytes: 0 } }
  for (let round = -1; round < rounds; round += 1) {
    const order = round % 2 === 0 ? ['ours', 'hyparquet'] : ['hyparquet', 'ours']
    for (const side of order) {
      globalThis.gc?.()
      const startedAt = performance.now()
      const { values, bytes } = await sides[side]()
      const ms = performance.now() - startedAt
      if (values.length === 0) throw new Error(`${side} read nothing`)
      if (round >= 0) samples[side].ms.push(ms)
      samples[side].bytes = bytes
    }
  }
  return samples
}

async function readWithHyparquet(file, rows, compressors) {
  let bytes = 0
  const buffer = {
    byteLength: file.fileSizeBytes,
    slice(start, end = file.fileSizeBytes) {
      bytes += end - start
      return readSpan(file.path, start, end).buffer
    },
  }
  const metadata = await parquetMetadataAsync(buffer)
  let values = []
  await parquetRead({
    file: buffer,
    metadata,
    compressors,
    rowStart: 0,
    rowEnd: Math.min(rows, file.recordCount),
    useOffsetIndex: true,
    onComplete: (read) => (values = read),
  })
  return { values, bytes }
}

/** Columns of the file, by their field ids. */
async function readFields(file) {
  const buffer = {
    byteLength: file.fileSizeBytes,
    slice: (start, end = file.fileSizeBytes) => readSpan(file.path, start, end).buffer,
  }
  const { schema } = await parquetMetadataAsync(buffer)
  const types = {
    INT64: 'long',
    INT32: 'int',
    BYTE_ARRAY: 'string',
    DOUBLE: 'double',
    FLOAT: 'float',
    BOOLEAN: 'boolean',
  }
  return schema
    .filter(({ field_id: id, type }) => id !== undefined && type !== undefined)
    .map(({ name, field_id: id, type, logical_type: logical }) => ({
      id,
      name,
      required: false,
      type: logical?.type === 'TIMESTAMP' ? 'timestamp' : logical?.type === 'DATE' ? 'date' : types[type],
    }))
}
