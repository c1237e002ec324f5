// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import { paths } from '@/lib/paths/paths'
import { renderInTable, SAMPLE_DETAIL } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { FilesTab } from './files-tab'

const call = stubApi()

afterEach(cleanup)

const ROOT = 'file:///lake/demo/flights'
const object = (name: string, reference: string, modifiedAtMs: number | null = Date.UTC(2024, 4, 17)) => ({
  name,
  location: `${ROOT}/data/${name}`,
  sizeBytes: 2048,
  modifiedAtMs,
  reference,
})
const PAGE = {
  folder: `${ROOT}/data`,
  roots: [ROOT],
  folders: ['day=1'],
  objects: [object('a.parquet', 'referenced'), object('stray.parquet', 'unreferenced', null)],
  searchedCount: 3,
  nextPageToken: null,
  references: { isComplete: true, readManifestCount: 2, knownManifestCount: 2, problem: null },
}
const search = `?${new URLSearchParams({ level: 'objects', folder: `${ROOT}/data` })}`
const rowTexts = (table: HTMLElement) =>
  within(table)
    .getAllByRole('row')
    .slice(1)
    .map(({ textContent }) => textContent)

it('lists the folder in the address, and says what no snapshot references', async () => {
  call.mockResolvedValue(PAGE)
  renderInTable(<FilesTab />, { search })
  const table = await screen.findByRole('grid', { name: 'Stored files' })
  expect(
    rowTexts(table).map((text) => text?.replace(/\d+ (years?|months?) ago|17 May 2024.*?(?=ref)/, '')),
  ).toHaveLength(3)
  expect(rowTexts(table)[2]).toContain('unknown: the storage does not say')
  expect(rowTexts(table)[2]).toContain('not referenced')
  expect(screen.getByText(/not referenced by any snapshot of this metadata; may belong to a write/)).toBeTruthy()
  expect(call.mock.calls[0]?.[1]).toMatchObject({ folder: `${ROOT}/data` })
  const path = screen.getByRole('navigation', { name: 'Folders' })
  expect(within(path).getByRole('link', { name: 'data' }).getAttribute('aria-current')).toBe('page')
  expect(within(table).getByRole('link', { name: 'a.parquet' }).getAttribute('href')).toContain('file=')
  expect(within(table).queryByRole('link', { name: 'stray.parquet' })).toBeNull()
})

it('opens a folder by keyboard, under an address of its own', async () => {
  call.mockResolvedValue(PAGE)
  const onUrlUpdate = vi.fn()
  renderInTable(<FilesTab />, { search, onUrlUpdate })
  const table = await screen.findByRole('grid', { name: 'Stored files' })
  const [, folder] = within(table).getAllByRole('row')
  fireEvent.keyDown(folder ?? table, { key: 'Enter' })
  await waitFor(() => expect(onUrlUpdate.mock.calls.at(-1)?.[0].searchParams.get('folder')).toBe(`${ROOT}/data/day=1`))
})

it('says that references are incomplete, and why, and marks nothing as unreferenced', async () => {
  call.mockResolvedValue({
    ...PAGE,
    objects: [object('a.parquet', 'unknown')],
    references: { isComplete: false, readManifestCount: 3, knownManifestCount: 9, problem: 'A manifest is gone.' },
  })
  renderInTable(<FilesTab />, { search })
  expect(await screen.findByText(/References are incomplete: 3 of at least 9 manifests read/)).toBeTruthy()
  expect(screen.getByRole('alert').textContent).toBe('A manifest is gone.')
  expect(screen.getByText('not known yet')).toBeTruthy()
})

it('says nothing of references where only folders are listed', async () => {
  call.mockResolvedValue({ ...PAGE, objects: [] })
  renderInTable(<FilesTab />, { search })
  expect(await screen.findByText('1 folder')).toBeTruthy()
  expect(screen.queryByText(/is referenced/)).toBeNull()
})

it('shows why a folder cannot be listed', async () => {
  call.mockRejectedValue(new AppError('location-refused', 'This folder does not belong to the table.'))
  renderInTable(<FilesTab />, { search })
  expect((await screen.findByRole('alert')).textContent).toContain('This folder does not belong to the table.')
})

it('leads from a folder that is refused to the folders of the table', async () => {
  call.mockRejectedValueOnce(new AppError('location-refused', 'This folder does not belong to the table.'))
  call.mockResolvedValue({ ...PAGE, folder: ROOT })
  renderInTable(<FilesTab />, { search })
  fireEvent.click(await screen.findByRole('button', { name: 'Show the table’s folders' }))
  expect(await screen.findByRole('grid', { name: 'Stored files' })).toBeTruthy()
  expect(call.mock.calls.at(-1)?.[1]).not.toHaveProperty('folder')
})

it('leads operators to the folder of the warehouse around the table', async () => {
  call.mockResolvedValue(PAGE)
  renderInTable(<FilesTab />, { search, role: 'admin' })
  expect((await screen.findByRole('link', { name: 'Warehouse' })).getAttribute('href')).toBe(
    paths.warehouse('local', 'file:///lake/demo'),
  )
})

it.each([
  ['an editor', { role: 'editor' as const }],
  [
    'a table of another catalog',
    { role: 'admin' as const, detail: { ...SAMPLE_DETAIL, catalogKind: 'rest' as const } },
  ],
])('leads to no warehouse for %s', async (_who, options) => {
  call.mockResolvedValue(PAGE)
  renderInTable(<FilesTab />, { search, ...options })
  expect(await screen.findByRole('navigation', { name: 'Folders' })).toBeTruthy()
  expect(screen.queryByRole('link', { name: 'Warehouse' })).toBeNull()
})
