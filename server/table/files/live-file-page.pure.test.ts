import { describe, expect, it } from 'vitest'
import type { ManifestEntry, ManifestFile } from '@/lib/iceberg/manifest/manifest'
import type { Snapshot } from '@/lib/iceberg/metadata/table-metadata'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import type { OpenManifests } from './listed-entries'
import { readLiveFilePage } from './live-file-page'
import { sampleManifest } from '@/testing/iceberg/sample-manifest'

/** Manifests by their sequence number, newest first in the list, as Java writes it. */
const MANIFESTS = [manifest('c', 3, 2), manifest('a', 1, 3), manifest('gone', 2, 0), manifest('b', 2, 2)]

describe('A page of the files of a large snapshot', () => {
  it('has the files that reading all manifests has, and reads the manifests of the page only', async () => {
    for (const [offset, expected, read] of [
      [0, ['a0', 'a1', 'a2'], ['a']],
      [2, ['a2', 'b0', 'b1'], ['a', 'b']],
      [3, ['b0', 'b1', 'c0'], ['b', 'c']],
      [6, ['c1'], ['c']],
      [7, [], []],
    ] as const) {
      const { open, reads } = openManifests(MANIFESTS)
      const large = await readLiveFilePage(open, { offset, limit: 3, maxReadFiles: 6 })
      expect([large.page.map(({ entry }) => entry.dataFile.filePath), reads.toSorted()]).toEqual([expected, read])
      expect(large).toMatchObject({ totalCount: 7, totalBytes: null })
      const whole = await readLiveFilePage(openManifests(MANIFESTS).open, { offset, limit: 3, maxReadFiles: 7 })
      expect(whole.page).toEqual(large.page)
      expect(whole).toMatchObject({ totalCount: 7, totalBytes: 7 * 100 })
    }
  })

  it('says how long all files are if the summary of the snapshot does', async () => {
    const { open } = openManifests(MANIFESTS, { 'total-files-size': '123456' })
    expect(await readLiveFilePage(open, { offset: 0, limit: 1, maxReadFiles: 0 })).toMatchObject({
      totalBytes: 123_456,
    })
  })

  it('reads manifests whose files the manifest list does not count', async () => {
    const uncounted = MANIFESTS.map((one) => ({ ...one, existingFilesCount: null }))
    const { open } = openManifests(uncounted)
    const { page, totalCount } = await readLiveFilePage(open, { offset: 4, limit: 2, maxReadFiles: 0 })
    expect([page.map(({ entry }) => entry.dataFile.filePath), totalCount]).toEqual([['b1', 'c0'], 7])
  })

  it('is refused when a manifest has other files than the manifest list counts', async () => {
    const wrong = MANIFESTS.map((one) => ({ ...one, addedFilesCount: 4 }))
    const { open } = openManifests(wrong)
    const message = 'The manifest a has 3 live files, but the manifest list says 4.'
    const page = readLiveFilePage(open, { offset: 0, limit: 1, maxReadFiles: 0 })
    await expect(page).rejects.toMatchObject({ code: 'file-damaged', message })
  })
})

function openManifests(manifests: readonly ManifestFile[], summary: Record<string, string> = {}) {
  const reads: string[] = []
  const open: OpenManifests = {
    snapshot: { snapshotId: '3', summary } as Snapshot,
    schema: { schemaId: 0, identifierFieldIds: [], fields: [] },
    manifests,
    readEntries: async ({ manifestPath }) => {
      reads.push(manifestPath)
      const count = MANIFESTS.find((one) => one.manifestPath === manifestPath)?.addedFilesCount ?? 0
      const live = Array.from({ length: count }, (_, i) => entry(`${manifestPath}${i}`, 'added'))
      return [entry('removed', 'deleted'), ...live]
    },
    source: { readFile: () => Promise.reject(new Error('no file is read')), codecs: avroCodecs },
  }
  return { open, reads }
}

function entry(filePath: string, status: ManifestEntry['status']): ManifestEntry {
  const dataFile = sampleDataFile(filePath, { fileSizeBytes: 100 })
  return { status, snapshotId: '1', sequenceNumber: 1, fileSequenceNumber: 1, dataFile }
}

function manifest(manifestPath: string, sequenceNumber: number, addedFilesCount: number): ManifestFile {
  return sampleManifest({
    manifestPath,
    sequenceNumber,
    minSequenceNumber: sequenceNumber,
    addedFilesCount,
    deletedFilesCount: 1,
    addedRowsCount: null,
    existingRowsCount: null,
    deletedRowsCount: null,
  })
}
