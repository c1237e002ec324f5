// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { renderInTable, SAMPLE_UNWRITTEN } from '@/testing/components/render-in-table'
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
    smallestFileBytes: 520,
    largestFileBytes: 1_100,
    partitionsByFiles: [],
    partitionsByBytes: [],
    columns: [],
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
  const table = await screen.findByRole('table')
  expect(
    within(table)
      .getAllByRole('row')
      .map(({ textContent }) => textContent),
  ).toContain('512 B to 1.00 KiB41.95 KiB')
})

it('draws the target as a line between two bars, or says that it is outside the chart', async () => {
  renderInTable(<FilesTab />, { search: '?level=sizes' })
  expect(await screen.findByText('target 1.00 KiB')).toBeTruthy()
  expect(screen.getByText(/The smallest has 520 B, the largest 1.07 KiB. A label shows/)).toBeTruthy()
  cleanup()
  const summary = { ...(await call()), targetBytes: 512 * 1024 * 1024, isTargetSet: false }
  call.mockResolvedValue(summary)
  renderInTable(<FilesTab />, { search: '?level=sizes' })
  expect(await screen.findByText(/The target is above all sizes in the chart\./)).toBeTruthy()
  expect(screen.queryByText('target 512 MiB')).toBeNull()
  cleanup()
  call.mockResolvedValue({ ...summary, smallestFileBytes: 520, largestFileBytes: 520 })
  renderInTable(<FilesTab />, { search: '?level=sizes' })
  expect(await screen.findByText(/Every file has 520 bytes\./)).toBeTruthy()
})

it('draws the partitions by their files and bytes if there are too many for a tile each', async () => {
  call.mockResolvedValue({
    ...(await call()),
    partitionCount: 2_000,
    partitionsByFiles: [
      { from: 1, to: 2, partitionCount: 1_900 },
      { from: 2, to: 4, partitionCount: 98 },
    ],
    partitionsByBytes: [{ from: 1_024, to: 2_048, partitionCount: 1_998 }],
  })
  renderInTable(<FilesTab />, { search: '?level=partitions' })
  const byFiles = 'Partitions by data files: 1,900 with 1 data file, 98 with 2 to 3 data files.'
  expect(await screen.findByRole('img', { name: byFiles })).toBeTruthy()
  expect(screen.getByRole('img', { name: /^Partitions by file bytes: 1,998 with 1.00 KiB to 2.00 KiB/ })).toBeTruthy()
  expect(screen.queryByRole('img', { name: /^Treemap/ })).toBeNull()
  expect(screen.getAllByText('without 2 that only have delete files')).toHaveLength(2)
})

it('sorts all partitions on the server, by the column of the address', async () => {
  renderInTable(<FilesTab />, { search: '?level=partitions' })
  const table = await screen.findByRole('table', { name: 'Partitions' })
  expect(within(table).getByRole('columnheader', { name: 'File bytes' }).getAttribute('aria-sort')).toBe('descending')
  fireEvent.click(within(table).getByRole('button', { name: 'Data files' }))
  await waitFor(() => expect(call.mock.calls.at(-1)?.[1]).toMatchObject({ sort: '-files', offset: 0 }))
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

it('says of a partition without data files what the other pages say of a table', async () => {
  const emptied = { ...partition('date_month=2001-03', 0, 0), deleteFileCount: 1, deleteBytes: 10 }
  call.mockResolvedValue({ ...(await call()), partitionCount: 1, partitions: [emptied] })
  renderInTable(<FilesTab />, { search: '?level=partitions' })
  const table = await screen.findByRole('table', { name: 'Partitions' })
  expect(within(table).getAllByRole('row')[1]?.textContent).toContain('unknown: there are no data files')
})

it('says so when the snapshot has no files', async () => {
  call.mockResolvedValue({ ...(await call()), partitionCount: 0, partitions: [], sizes: [], dataFileCount: 0 })
  renderInTable(<FilesTab />, { search: '?level=partitions' })
  expect(await screen.findByText('This snapshot has no files.')).toBeTruthy()
})

it.each(['partitions', 'sizes'])(
  'The files of a table that was never written do not speak of a snapshot (%s)',
  async (level) => {
    call.mockResolvedValue({ ...(await call()), partitionCount: 0, partitions: [], sizes: [], dataFileCount: 0 })
    renderInTable(<FilesTab />, { search: `?level=${level}`, detail: SAMPLE_UNWRITTEN })
    expect(await screen.findByText('No files yet. The first load or commit writes some.')).toBeTruthy()
    expect(screen.getByRole('link', { name: 'Load data' })).toBeTruthy()
    expect(screen.queryByText(/This snapshot/)).toBeNull()
  },
)

it('The manifests and the steps of a table that was never written do not speak of a snapshot', async () => {
  call.mockResolvedValue({
    snapshotId: null,
    manifestList: null,
    manifests: [],
    totalCount: 0,
    totalBytes: 0,
    nextOffset: null,
  })
  renderInTable(<FilesTab />, { search: '?level=manifests', detail: SAMPLE_UNWRITTEN })
  expect(await screen.findByText('No manifests yet. The first load or commit writes some.')).toBeTruthy()
  expect(screen.getByRole('link', { name: 'Snapshot none yet' })).toBeTruthy()
  expect(screen.getByRole('link', { name: 'Manifest list none yet' })).toBeTruthy()
})
