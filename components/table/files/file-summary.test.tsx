// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { renderInTable } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { FilesTab } from './files-tab'

const call = stubApi()

const partition = (name: string, dataBytes: number, dataFileCount: number) => ({
  specId: 0,
  partition: name,
  dataFileCount,
  dataBytes,
  rowCount: 10,
  deleteFileCount: 0,
  deleteBytes: 0,
})

beforeEach(() => {
  call.mockResolvedValue({
    dataFileCount: 5,
    dataBytes: 3_000,
    targetBytes: 1_024,
    isTargetSet: true,
    sizes: [
      { fromBytes: 512, toBytes: 1_024, fileCount: 4, totalBytes: 2_000 },
      { fromBytes: 1_024, toBytes: 2_048, fileCount: 1, totalBytes: 1_000 },
    ],
    partitionCount: 2,
    partitions: [partition('date_month=2001-01', 2_000, 4), partition('date_month=2001-02', 1_000, 1)],
    nextOffset: null,
  })
})
afterEach(cleanup)

it('says how many files are below the target, and has the numbers as a table', async () => {
  renderInTable(<FilesTab />, { search: '?level=sizes' })
  expect(await screen.findByRole('img', { name: /4 files of 5 below the target of 1.00 KiB as set/ })).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Show as table: File sizes' }))
  const table = screen.getByRole('table')
  expect(
    within(table)
      .getAllByRole('row')
      .map(({ textContent }) => textContent),
  ).toContain('512 B to 1.00 KiB41.95 KiB')
})

it('draws partitions with areas by their bytes, and lists them with their mean file', async () => {
  renderInTable(<FilesTab />, { search: '?level=partitions' })
  const map = await screen.findByRole('img', { name: /^Treemap of 2 partitions/ })
  const widths = [...map.children].map((tile) =>
    tile instanceof HTMLElement ? Number.parseFloat(tile.style.width) : 0,
  )
  expect(widths[0]! / widths[1]!).toBeCloseTo(2, 3)
  const table = screen.getByRole('table', { name: 'Partitions' })
  expect(within(table).getAllByRole('row')[1]?.textContent).toContain('500 B')
})

it('says so when the snapshot has no files', async () => {
  call.mockResolvedValue({ ...(await call()), partitionCount: 0, partitions: [], sizes: [], dataFileCount: 0 })
  renderInTable(<FilesTab />, { search: '?level=partitions' })
  expect(await screen.findByText('This snapshot has no files.')).toBeTruthy()
})
