// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { getColumnStorage } from '@/lib/contract/table/compression'
import { AppError } from '@/lib/errors'
import { renderInTable } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { CompressionStudio } from './compression-studio'

const call = stubApi()
afterEach(cleanup)

const COLUMN = {
  fieldId: 1,
  column: ['id'],
  type: 'long',
  plainBytes: 0,
  isPlainEstimated: false,
  encodedBytes: 0,
  storedBytes: 0,
  codecs: [],
  encodings: [],
  hasDictionary: false,
  hasDictionaryFallback: null,
  pages: null,
}

it('says that the table does not have the column of the address', async () => {
  call.mockImplementation((endpoint: unknown) => {
    if (endpoint !== getColumnStorage) throw new AppError('forbidden', 'Not in this test.')
    return {
      fileCount: 0,
      fileBytes: 0,
      readFileCount: 0,
      readFileBytes: 0,
      unreadable: [],
      unreadableCount: 0,
      otherFormatCount: 0,
      readAtMs: 1,
      columns: [COLUMN],
      columnCount: 1,
      droppedColumnBytes: 0,
      loadedBytesPerDay: null,
      storagePrice: null,
    }
  })
  renderInTable(<CompressionStudio />, { search: '?column=99' })
  expect(await screen.findByText('There is no column “99” in ?column=. The first one is shown.')).toBeTruthy()
  cleanup()
  renderInTable(<CompressionStudio />, { search: '?column=1' })
  expect(await screen.findByText(/no data files yet/)).toBeTruthy()
  expect(screen.queryByText(/There is no column/)).toBeNull()
})
