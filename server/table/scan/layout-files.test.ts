import { describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import type { ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import type { ManifestSource } from '@/lib/scan/snapshot-manifests'
import { plainCodecs } from '@/testing/iceberg/plain-codecs'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { tallyLayoutFiles } from './layout-files'
import { sampleManifest } from '@/testing/iceberg/sample-manifest'

const metadata = sampleMetadata({
  partitionSpecs: [
    { specId: 0, fields: [] },
    { specId: 1, fields: [{ sourceId: 2, fieldId: 1000, name: 'origin', transform: 'identity' }] },
  ],
  sortOrders: [{ orderId: 0, fields: [] }],
})
const entry = (name: string, specId: number, sortOrderId: number | null, isDeleted = false): ManifestEntry => ({
  status: isDeleted ? 'deleted' : 'existing',
  snapshotId: '1',
  sequenceNumber: 1,
  fileSequenceNumber: 1,
  dataFile: sampleDataFile(`file:///${name}.parquet`, { fileSizeBytes: 100, specId, sortOrderId }),
})
const ENTRIES: Readonly<Record<string, readonly ManifestEntry[]>> = {
  'file:///old.avro': [entry('a', 0, null), entry('b', 0, 0), entry('c', 0, 0)],
  'file:///kept.avro': [entry('a', 0, null), entry('b', 0, 0, true)],
  'file:///new.avro': [entry('d', 1, 7)],
}
const sourceOf = (get: (key: string) => readonly ManifestEntry[] | undefined): ManifestSource => ({
  readFile: (location) => Promise.reject(new Error(`${location} is not cached`)),
  codecs: plainCodecs,
  cache: { get, set: () => undefined, fits: () => true },
})
const source = sourceOf((key) => ENTRIES[Object.keys(ENTRIES).find((path) => key.includes(path)) ?? ''])
const plan = (fileCount: number, ...names: readonly string[]) => ({
  fileCount,
  manifests: names.map((name) => ({ manifest: manifest(`file:///${name}.avro`) })),
})
const manifest = (manifestPath: string) => sampleManifest({ manifestPath, manifestLengthBytes: 1_000 })
const sides = { before: plan(3, 'old'), after: plan(2, 'kept', 'new') }

describe('The data files of two snapshots by layout', () => {
  test('are counted by partition spec and by sort order, without removed files', async () => {
    const totals = (fileCount: number) => ({ fileCount, bytes: fileCount * 100 })
    const { layoutFiles, layoutFilesProblem } = await tallyLayoutFiles(metadata, sides, source)
    expect(layoutFilesProblem).toBeNull()
    expect(layoutFiles).toEqual({
      specs: [
        { id: 0, label: '', before: totals(3), after: totals(1) },
        { id: 1, label: 'origin', before: totals(0), after: totals(1) },
      ],
      orders: [
        { id: null, label: null, before: totals(1), after: totals(1) },
        { id: 0, label: '', before: totals(2), after: totals(0) },
        { id: 7, label: null, before: totals(0), after: totals(1) },
      ],
    })
  })

  test('are not counted when either snapshot has too many files or manifests', async () => {
    expect((await tallyLayoutFiles(metadata, sides, source, 3)).layoutFiles).not.toBeNull()
    expect(await tallyLayoutFiles(metadata, sides, source, 2)).toEqual({
      layoutFiles: null,
      layoutFilesProblem: 'A snapshot has more than 2 data files.',
    })
    const many = { ...sides, after: plan(2, ...Array.from({ length: 101 }, () => 'new')) }
    expect((await tallyLayoutFiles(metadata, many, source)).layoutFilesProblem).toMatch(/more than 100 manifests/)
  })

  test('are not counted when a manifest cannot be read, unless the request was cancelled', async () => {
    const failing = (code: 'file-damaged' | 'cancelled') =>
      sourceOf(() => {
        throw new AppError(code, 'The manifest kept.avro is damaged.')
      })
    expect(await tallyLayoutFiles(metadata, sides, failing('file-damaged'))).toEqual({
      layoutFiles: null,
      layoutFilesProblem: 'The manifest kept.avro is damaged.',
    })
    await expect(tallyLayoutFiles(metadata, sides, failing('cancelled'))).rejects.toMatchObject({ code: 'cancelled' })
  })
})
