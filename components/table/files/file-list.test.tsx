// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { renderInTable } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { FileList } from './file-list'

const call = stubApi()

const NAMES = [
  '00000-0-5cb4cc4f-9f7f-4d34-8f1c-6a6b1a2f0001.parquet',
  '00000-0-5cb4cc4f-9f7f-4d34-8f1c-6a6b1a2f0002.parquet',
]

beforeEach(() => {
  const file = {
    content: 'data',
    partition: '',
    specId: 0,
    recordCount: 1,
    fileSizeBytes: 1,
    plainBytes: null,
    codec: null,
    sequenceNumber: 1,
    format: 'parquet',
    status: 'added',
    manifestPath: 'file:///lake/demo/flights/metadata/m0.avro',
    addedSnapshotId: '13',
  }
  call.mockResolvedValue({
    snapshotId: '13',
    files: NAMES.map((name) => ({ ...file, path: `file:///lake/demo/flights/data/${name}` })),
    totalCount: 2,
    totalBytes: 2,
    manifestCount: 1,
    manifestBytes: 1,
    nextOffset: null,
  })
})
afterEach(cleanup)

it('keeps both ends of a file name, of which only the beginning may be cut, and copies the whole', async () => {
  renderInTable(<FileList />)
  // The rest of the toolbar arrives later, and then the rows are drawn again.
  await screen.findByRole('button', { name: 'Open a Parquet file…' })
  const ends = screen.getAllByText(/^.{8}\.parquet$/)
  expect(ends.map((end) => end.textContent)).toEqual(NAMES.map((name) => name.slice(-16)))
  expect(ends.map((end) => end.parentElement?.textContent)).toEqual(NAMES)
  expect(ends.map((end) => end.parentElement?.title)).toEqual(
    NAMES.map((name) => `file:///lake/demo/flights/data/${name}`),
  )
  const setData = vi.fn()
  fireEvent.copy(ends[1]!, { clipboardData: { setData } })
  expect(setData).toHaveBeenCalledWith('text/plain', NAMES[1])
})
