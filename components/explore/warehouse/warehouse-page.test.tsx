// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { NuqsTestingAdapter, type OnUrlUpdateFunction } from 'nuqs/adapters/testing'
import { afterEach, expect, it, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import { paths } from '@/lib/paths/paths'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import { WarehousePage } from './warehouse-page'

const call = stubApi()
const push = vi.fn()

afterEach(() => {
  cleanup()
  push.mockReset()
})

const ROOT = 'file:///lake'
const DEMO = `${ROOT}/demo`
const FLIGHTS = { kind: 'table', catalog: 'local', namespace: ['demo'], name: 'flights' }
const folder = (name: string, more: object = {}) => ({
  name,
  location: `${DEMO}/${name}`,
  isListable: true,
  ownership: 'unowned',
  owner: null,
  ...more,
})
const PAGE = {
  warehouse: ROOT,
  folder: DEMO,
  ownership: 'shared',
  owner: null,
  folders: [
    folder('deep', { ownership: 'shared' }),
    folder('flights', { ownership: 'owned', owner: FLIGHTS }),
    folder('left'),
    folder('routes', { ownership: 'owned', owner: { ...FLIGHTS, kind: 'view', name: 'routes' } }),
    folder('secret', { ownership: 'owned' }),
    folder('twin', { ownership: 'owned', owner: { ...FLIGHTS, catalog: 'other' } }),
    folder('odd\\name', { isListable: false }),
  ],
  files: [{ name: 'notes.txt', location: `${DEMO}/notes.txt`, sizeBytes: 2048, modifiedAtMs: null }],
  searchedCount: 8,
  nextPageToken: null,
}

function show(folderInAddress: string | null = DEMO, onUrlUpdate?: OnUrlUpdateFunction) {
  const search = folderInAddress === null ? '' : `?${new URLSearchParams({ folder: folderInAddress })}`
  render(
    <NuqsTestingAdapter searchParams={search} hasMemory {...(onUrlUpdate && { onUrlUpdate })}>
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <WarehousePage catalog="local" />
      </QueryClientProvider>
    </NuqsTestingAdapter>,
    { router: { push }, hasShortPauses: true },
  )
}

const grid = () => screen.findByRole('grid', { name: 'Stored in the warehouse' })
async function rowOf(name: string): Promise<HTMLElement> {
  const row = within(await grid())
    .getAllByRole('row')
    .find(({ textContent }) => textContent?.startsWith(name))
  if (row === undefined) throw new Error(`no row begins with ${name}`)
  return row
}
const targetOf = (row: HTMLElement, name: string) => within(row).getByRole('link', { name }).getAttribute('href')

it('lists the folder in the address with the owners of its folders', async () => {
  call.mockResolvedValue(PAGE)
  show()
  expect((await grid()).querySelectorAll('tbody tr')).toHaveLength(8)
  expect(call.mock.calls[0]?.[1]).toEqual({ catalog: 'local', folder: DEMO })
  expect((await rowOf('deep')).textContent).toContain('tables in it')
  expect((await rowOf('left')).textContent).toContain('no table')
  expect((await rowOf('secret')).textContent).toContain('another table')
  expect((await rowOf('notes.txt')).textContent).toMatch(/no table.*2\.00 KiB.*unknown: the storage does not say/)
  expect(screen.getByText('2').parentElement?.textContent).toBe(
    '1 file, 2.00 KiB · 2 of 7 folders without a table: empty, left by a dropped table, or given to a table by another program since its last commit here',
  )
})

it('leads into the storage of a table, and elsewhere further down the warehouse', async () => {
  call.mockResolvedValue(PAGE)
  show()
  const table = { catalog: 'local', namespace: ['demo'], table: 'flights' }
  const flights = await rowOf('flights')
  expect(targetOf(flights, 'flights/')).toBe(paths.tableFolder(table, `${DEMO}/flights`))
  expect(targetOf(flights, 'demo.flights')).toBe(paths.table(table))
  expect(targetOf(await rowOf('routes'), 'demo.routes')).toBe(
    paths.view({ catalog: 'local', namespace: ['demo'], view: 'routes' }),
  )
  for (const name of ['deep', 'left', 'routes', 'secret', 'twin']) {
    expect(targetOf(await rowOf(name), `${name}/`), name).toBe(paths.warehouse('local', `${DEMO}/${name}`))
  }
  expect(within(await rowOf('twin')).queryByRole('link', { name: 'demo.flights' })).toBeNull()
  expect(within(await rowOf('odd')).queryByRole('link')).toBeNull()
})

it('opens folders by keyboard: of a table in its storage, others under an address of their own', async () => {
  call.mockResolvedValue(PAGE)
  const onUrlUpdate = vi.fn<OnUrlUpdateFunction>()
  show(DEMO, onUrlUpdate)
  fireEvent.keyDown(await rowOf('deep'), { key: 'ArrowDown' })
  await waitFor(async () => expect(document.activeElement).toBe(await rowOf('flights')))
  fireEvent.keyDown(await rowOf('flights'), { key: 'Enter' })
  expect(push).toHaveBeenCalledWith(
    paths.tableFolder({ catalog: 'local', namespace: ['demo'], table: 'flights' }, `${DEMO}/flights`),
  )
  expect(onUrlUpdate).not.toHaveBeenCalled()
  fireEvent.keyDown(await rowOf('flights'), { key: 'ArrowUp' })
  await waitFor(async () => expect(document.activeElement).toBe(await rowOf('deep')))
  fireEvent.keyDown(await rowOf('deep'), { key: 'Enter' })
  await waitFor(() => expect(onUrlUpdate.mock.calls.at(-1)?.[0].searchParams.get('folder')).toBe(`${DEMO}/deep`))
  await waitFor(() => expect(call.mock.calls.at(-1)?.[1]).toEqual({ catalog: 'local', folder: `${DEMO}/deep` }))
})

it('names the folders around the shown one, and whose folder it is', async () => {
  const shown = `${DEMO}/flights/data`
  call.mockResolvedValue({ ...PAGE, folder: shown, ownership: 'owned', owner: FLIGHTS, folders: [] })
  show(shown)
  const path = await screen.findByRole('navigation', { name: 'Folders' })
  expect(
    within(path)
      .getAllByRole('link')
      .map(({ textContent }) => textContent),
  ).toEqual([ROOT, 'demo', 'flights', 'data'])
  expect(within(path).getByRole('link', { name: 'data' }).getAttribute('aria-current')).toBe('page')
  const band = screen.getByText(/This folder belongs to/)
  expect(band.textContent).toContain('This folder belongs to demo.flights.')
  expect(
    within(band)
      .getByRole('link', { name: /no snapshot references/ })
      .getAttribute('href'),
  ).toBe(paths.tableFolder({ catalog: 'local', namespace: ['demo'], table: 'flights' }, shown))
  expect((await rowOf('notes.txt')).textContent).toContain('demo.flights')
})

it('starts at the warehouse, and says that an empty one has no table yet', async () => {
  call.mockResolvedValue({ ...PAGE, folder: ROOT, ownership: 'unowned', folders: [], files: [] })
  show(null)
  expect(await screen.findByText('The warehouse is empty. The first table creates its folder.')).toBeTruthy()
  expect(call.mock.calls[0]?.[1]).toEqual({ catalog: 'local' })
})

it('says that a folder is empty, and that nothing matches the filter', async () => {
  call.mockResolvedValue({ ...PAGE, folders: [], files: [] })
  show()
  expect(await screen.findByText('The folder is empty.')).toBeTruthy()
  cleanup()
  call.mockResolvedValue(PAGE)
  show()
  fireEvent.change(await screen.findByRole('searchbox', { name: 'Filter 8 entries by name' }), {
    target: { value: 'nothing' },
  })
  expect(await screen.findByText('Nothing matches “nothing”.')).toBeTruthy()
})

it('lists further pages, and says when that fails', async () => {
  call.mockResolvedValueOnce({ ...PAGE, nextPageToken: 'p2' })
  call.mockRejectedValueOnce(new AppError('storage-unavailable', 'The storage did not answer in time.'))
  call.mockResolvedValue({ ...PAGE, folders: [folder('zebra')], files: [] })
  show()
  const more = await screen.findByRole('button', { name: 'Showing 8 entries. Load more' })
  fireEvent.click(more)
  expect((await screen.findByRole('alert')).textContent).toBe(
    'The next page could not be read: The storage did not answer in time.',
  )
  expect((await grid()).querySelectorAll('tbody tr')).toHaveLength(8)
  fireEvent.click(more)
  await waitFor(async () => expect((await grid()).querySelectorAll('tbody tr')).toHaveLength(9))
  expect(call.mock.calls.at(-1)?.[1]).toEqual({ catalog: 'local', folder: DEMO, pageToken: 'p2' })
  expect(screen.queryByRole('button', { name: /Load more/ })).toBeNull()
})

it('searches a folder that is not loaded completely on the server, and searches on', async () => {
  call.mockImplementation((_, { search, pageToken }) => {
    if (search === undefined) return { ...PAGE, nextPageToken: 'p2' }
    const isLast = pageToken === 'p10'
    const found = { folders: isLast ? [folder('zebra')] : [], files: [] }
    return { ...PAGE, ...found, searchedCount: 10_000, nextPageToken: isLast ? null : 'p10' }
  })
  show()
  fireEvent.change(await screen.findByRole('searchbox', { name: 'Filter entries by name' }), {
    target: { value: 'zeb' },
  })
  expect(screen.getByText('Searching the folder…')).toBeTruthy()
  expect(screen.queryByText(/Nothing matches/)).toBeNull()
  expect(
    await screen.findByText('Nothing matches “zeb” among the first 10,000 entries. The others are not searched yet.'),
  ).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Found 0 entries among the first 10,000. Search on' }))
  await waitFor(async () => expect((await grid()).querySelectorAll('tbody tr')).toHaveLength(1))
  expect(call.mock.calls.at(-1)?.[1]).toEqual({ catalog: 'local', folder: DEMO, search: 'zeb', pageToken: 'p10' })
})

it('leads from a folder that is refused back to the warehouse', async () => {
  call.mockRejectedValueOnce(new AppError('location-refused', 'This folder is not in the warehouse.'))
  call.mockResolvedValue({ ...PAGE, folder: ROOT })
  show('file:///etc')
  expect((await screen.findByRole('alert')).textContent).toContain('This folder is not in the warehouse.')
  fireEvent.click(screen.getByRole('button', { name: 'Show the warehouse' }))
  expect(await grid()).toBeTruthy()
  expect(call.mock.calls.at(-1)?.[1]).toEqual({ catalog: 'local' })
})

it('says that a folder does not exist, and leads back to the warehouse', async () => {
  call.mockRejectedValueOnce(new AppError('not-found', `The folder ${ROOT}/gone does not exist.`))
  call.mockResolvedValue({ ...PAGE, folder: ROOT })
  show('gone')
  const alert = await screen.findByRole('alert')
  expect(alert.textContent).toContain(`The folder ${ROOT}/gone does not exist.`)
  expect(alert.textContent).toContain('Start at the warehouse.')
  fireEvent.click(screen.getByRole('button', { name: 'Show the warehouse' }))
  expect(await grid()).toBeTruthy()
})

it('says which permission is missing', async () => {
  call.mockRejectedValue(new AppError('forbidden', 'This needs the permission console:admin.'))
  show()
  expect((await screen.findByRole('alert')).textContent).toContain('This needs the permission console:admin.')
})

it('says why the warehouse of another catalog is not listed, and where its tables list their folders', async () => {
  call.mockRejectedValue(new AppError('not-supported', 'Only the catalog behind far knows the owners.'))
  show(null)
  expect(
    await screen.findByText(
      'Only the catalog behind far knows the owners. The Files tab of each table lists the table’s own folders.',
    ),
  ).toBeTruthy()
  expect(screen.queryByRole('alert')).toBeNull()
  expect(screen.getByRole('link', { name: 'Open local' }).getAttribute('href')).toBe(paths.catalog('local'))
})
