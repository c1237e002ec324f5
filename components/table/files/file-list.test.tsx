// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { renderInTable, SAMPLE_UNWRITTEN } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { FileList } from './file-list'
import { FilesTab } from './files-tab'

const call = stubApi()

const WRITE = '5cb4cc4f-9f7f-4d34-8f1c-6a6b1a2f0001'
/** As PyIceberg names the files of one commit. */
const NAMES = [`00000-9-${WRITE}.parquet`, `00000-10-${WRITE}.parquet`]

const PAGE = {
  snapshotId: '13',
  totalCount: 2,
  totalBytes: 2,
  searchedCount: 2,
  matchCount: 2,
  manifestCount: 1,
  manifestBytes: 1,
  nextOffset: null,
}

function fileOf(name: string, partition = '') {
  return {
    path: `file:///lake/demo/flights/data/${name}`,
    content: 'data',
    partition,
    specId: 0,
    recordCount: 1,
    fileSizeBytes: 1,
    plainBytes: null,
    storedBytes: null,
    codec: null,
    sequenceNumber: 1,
    format: 'parquet',
    status: 'added',
    manifestPath: 'file:///lake/demo/flights/metadata/m0.avro',
    addedSnapshotId: '13',
  }
}

beforeEach(() => {
  call.mockResolvedValue({ ...PAGE, files: NAMES.map((name) => fileOf(name)) })
})
afterEach(cleanup)

/** The last request for files. */
const requested = () => call.mock.calls.at(-1)?.[1] as { filter?: string; sort?: string; offset?: number }
const paths = () => [...screen.getByRole('grid', { name: 'Files' }).querySelectorAll('tbody code[title]')]

it('divides by the pages, as the dashboards do, because the footer is a large part of a small file', async () => {
  const sizes = { fileSizeBytes: 500, plainBytes: 1_000, storedBytes: 250 }
  call.mockResolvedValue({ ...PAGE, files: [{ ...fileOf(NAMES[0]!), ...sizes }] })
  renderInTable(<FileList />)
  const grid = await screen.findByRole('grid', { name: 'Files' })
  expect(grid.textContent).toContain('4.00')
  expect(grid.textContent).not.toContain('2.00')
  // The size of the file next to it is no part of the ratio.
  expect(within(grid).getByRole('columnheader', { name: 'File size' })).toBeTruthy()
  expect(within(grid).queryByRole('columnheader', { name: 'Stored' })).toBeNull()
  expect(within(grid).getByText('4.00').getAttribute('title')).toBe('1,000 B plain, 250 B stored in pages')
})

it('says in the filter field no more than fits, and the whole in its name', async () => {
  renderInTable(<FileList />)
  const field = await screen.findByRole('searchbox', { name: 'Filter 2 files by path or partition' })
  expect(field.getAttribute('placeholder')).toBe('Filter files')
})

it('The list of a table that was never written does not speak of a snapshot', async () => {
  call.mockResolvedValue({ ...PAGE, snapshotId: null, totalCount: 0, matchCount: 0, files: [] })
  renderInTable(<FileList />, { detail: SAMPLE_UNWRITTEN })
  expect(await screen.findByText('No files yet. The first load or commit writes some.')).toBeTruthy()
  expect(screen.queryByText(/This snapshot/)).toBeNull()
})

describe('The name of a file in the list', () => {
  it('keeps the part in which the names differ, and is copied as a whole', async () => {
    renderInTable(<FileList />)
    await screen.findByRole('grid', { name: 'Files' })
    expect(paths().map((name) => [...name.children].map((part) => part.textContent))).toEqual([
      ['00000-', '9', `-${WRITE}.parquet`],
      ['00000-', '10', `-${WRITE}.parquet`],
    ])
    // Only the parts that the names share are cut when there is no room.
    expect([...paths()[0]!.children].map((part) => part.className)).toEqual(
      ['shared', 'end', 'shared'].map((part) => expect.stringContaining(part)),
    )
    expect(paths().map((name) => name.getAttribute('title'))).toEqual(
      NAMES.map((name) => `file:///lake/demo/flights/data/${name}`),
    )
    const setData = vi.fn()
    fireEvent.copy(paths()[1]!, { clipboardData: { setData } })
    expect(setData).toHaveBeenCalledWith('text/plain', NAMES[1])
  })
})

describe('The filter and the order of the files', () => {
  it('are those of the address, and are requested from the server', async () => {
    renderInTable(<FileList />, { search: '?q=part%3D1999&sort=-partition' })
    await screen.findByRole('grid', { name: 'Files' })
    expect(requested()).toMatchObject({ filter: 'part=1999', sort: '-partition', offset: 0 })
    expect(screen.getByText('2 of', { exact: false }).textContent).toBe('2 of 2 files')
  })

  it('leave the files in the order in which the server lists them', async () => {
    const partitions = ['part=1999', 'part=999', 'part=10']
    call.mockResolvedValue({ ...PAGE, files: partitions.map((partition) => fileOf(`${partition}.parquet`, partition)) })
    renderInTable(<FileList />, { search: '?sort=-partition' })
    const list = await screen.findByRole('grid', { name: 'Files' })
    expect(within(list).getByRole('columnheader', { name: 'Partition' }).getAttribute('aria-sort')).toBe('descending')
    expect(
      within(list)
        .getAllByRole('row')
        .slice(1)
        .map((row) => partitions.find((partition) => row.textContent?.includes(`data${partition}`))),
    ).toEqual(partitions)
  })

  it('change with the field and the headers, and find files that were not listed', async () => {
    renderInTable(<FileList />)
    await screen.findByRole('grid', { name: 'Files' })
    expect(requested()).not.toHaveProperty('filter')
    await userEvent.click(screen.getByRole('button', { name: 'Rows' }))
    await waitFor(() => expect(requested()).toMatchObject({ sort: '-rows' }))
    call.mockResolvedValue({
      ...PAGE,
      totalCount: 2_000,
      searchedCount: 2_000,
      matchCount: 1,
      files: [fileOf('x.parquet')],
    })
    await userEvent.type(screen.getByRole('searchbox'), ' part=1999 ')
    await waitFor(() => expect(requested()).toMatchObject({ filter: 'part=1999', sort: '-rows' }))
    await waitFor(() => expect(paths().map((name) => name.textContent)).toEqual(['x.parquet']))
  })

  it('say that no file matches only if all were searched', async () => {
    call.mockResolvedValue({ ...PAGE, totalCount: 2_000, searchedCount: 2_000, matchCount: 0, files: [] })
    renderInTable(<FileList />, { search: '?q=nothing' })
    expect(await screen.findByText('No files match “nothing”.')).toBeTruthy()
  })

  it('say how many files were searched if there are too many', async () => {
    call.mockResolvedValue({ ...PAGE, totalCount: 2_000, searchedCount: 1_000, matchCount: 0, files: [] })
    renderInTable(<FileList />, { search: '?q=nothing' })
    const text = 'No match for “nothing” in the first 1,000 of 2,000 files. The other files were not searched.'
    expect(await screen.findByText(text)).toBeTruthy()
    expect(screen.getByText(/^Searched 1,000 of 2,000 files/)).toBeTruthy()
  })

  it('ignore a column that the list does not have, and say so', async () => {
    renderInTable(<FileList />, { search: '?sort=-status' })
    await screen.findByRole('grid', { name: 'Files' })
    expect(requested()).not.toHaveProperty('sort')
    expect(screen.getByText(/“-status” in \?sort= is not a column of this list/)).toBeTruthy()
  })
})

it('A level that the address misspells is said, and the files of the snapshot are listed', async () => {
  renderInTable(<FilesTab />, { search: '?level=nowhere' })
  await screen.findByRole('grid', { name: 'Files' })
  expect(screen.getByText(/“nowhere” in \?level= is not a view of the files/)).toBeTruthy()
})
