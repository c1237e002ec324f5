import { describe, expect, test } from 'vitest'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import type { AvroCodecs } from '../avro/codecs'
import type { ManifestFile } from './manifest'
import { manifestBatches } from './read-manifest'
import { writeManifest } from './write-manifest'
import { readManifest } from '@/testing/iceberg/read-at-once'

const FILE_COUNT = 2_500
const codecs: AvroCodecs = { deflate: (bytes) => bytes, decompress: (_codec, bytes) => bytes }
const schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [{ id: 1, name: 'id', type: 'long', required: false }],
} as const
const spec = { specId: 0, fields: [] }
const table = { specs: [spec], schemas: [schema] }
const { bytes, summary } = writeManifest(
  Array.from({ length: FILE_COUNT }, (_, file) => ({
    status: 'added' as const,
    dataFile: sampleDataFile(`mem:${file}`, { partition: [], recordCount: file }),
  })),
  { formatVersion: 3, content: 'data', schema, spec, snapshotId: '7' },
  codecs,
)
const listed: ManifestFile = {
  ...summary,
  manifestPath: 'mem:m',
  sequenceNumber: 4,
  minSequenceNumber: 4,
  firstRowId: '1000',
}
const otherLength = { ...listed, manifestLengthBytes: bytes.length + 1 }

describe('The entries of a manifest, a few at a time,', () => {
  test.each([listed, otherLength])('are those that are read at once, if listed with %o', (manifest) => {
    const plain = [...manifestBatches(bytes, manifest, table, codecs)].flat()
    expect(plain).toHaveLength(FILE_COUNT)
    expect(plain.map(toPlain)).toEqual(readManifest(bytes, manifest, table, codecs).entries.map(toPlain))
  })

  test('come before the next ones are decoded', () => {
    const batches = manifestBatches(damageLastBlock(), listed, table, codecs)
    const first = batches.next().value ?? []
    expect(first[0]?.dataFile.filePath).toBe('mem:0')
    expect(first.length).toBeLessThanOrEqual(64)
    expect(() => [...batches]).toThrow(expect.objectContaining({ code: 'file-damaged' }))
  })

  test('do not come before all are counted, if the manifest has another length than listed', () => {
    const found: string[] = []
    expect(() => {
      for (const batch of manifestBatches(bytes, { ...otherLength, addedFilesCount: 3 }, table, codecs))
        found.push(...batch.map(({ dataFile }) => dataFile.filePath))
    }).toThrow('2500 added files instead of 3')
    expect(found).toEqual([])
  })
})

function toPlain(entry: ReturnType<typeof readManifest>['entries'][number]) {
  const { lowerBounds, nullValueCounts } = entry.dataFile.metrics
  return { ...entry, dataFile: { ...entry.dataFile, metrics: { lowerBounds, nullValueCounts } } }
}

/** The marker at its end is another one. */
function damageLastBlock(): Uint8Array {
  const damaged = Uint8Array.from(bytes)
  damaged.set([(damaged.at(-1) ?? 0) ^ 1], damaged.length - 1)
  return damaged
}
