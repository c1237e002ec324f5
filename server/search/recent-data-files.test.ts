import { expect, it } from 'vitest'
import { AppError, type ErrorCode } from '@/lib/errors'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { recentDataFiles } from './recent-data-files'

const findFiles = (code: ErrorCode) => {
  const read = () => Promise.reject(new AppError(code, 'no manifest list'))
  return recentDataFiles({ metadata: sampleMetadata(), store: { read } }, new AbortController().signal)
}

it.each(['file-missing', 'file-damaged'] as const)('leaves out snapshots that cannot be read: %s', async (code) => {
  await expect(findFiles(code)).resolves.toEqual([])
})

it('fails while the storage does not answer, so that files of these snapshots are indexed later', async () => {
  await expect(findFiles('storage-unavailable')).rejects.toMatchObject({ code: 'storage-unavailable' })
})
