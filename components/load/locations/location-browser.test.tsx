// @vitest-environment happy-dom
import { cleanup, screen, within, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { findLocationFiles, listLoadLocations, listLocationFiles } from '@/lib/contract/loads/load-locations'
import { AppError } from '@/lib/errors'
import { renderInTable, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { FromLocation } from './from-location'
import { FromUrl } from './from-url'
import { useLocationFiles } from './use-location-files'

const call = stubApi()

type Listed = { location: string; folder?: string; cursor?: string; match?: string }

const file = (name: string) => ({ kind: 'file' as const, name, sizeBytes: 1024, modifiedAtMs: 1 })
let names: string[]
let hosts: string[]
let found: object
beforeEach(() => {
  names = ['landing']
  hosts = []
  found = {
    files: [{ path: '2026-05/a.csv', sizeBytes: 5, modifiedAtMs: null }],
    fileCount: 3,
    sizeBytes: 2048,
    isComplete: true,
  }
  call.mockImplementation(async (endpoint: unknown, { folder = '', cursor, match }: Listed) => {
    if (endpoint === listLoadLocations) return { locations: names.map((name) => ({ name })), hosts }
    if (endpoint === findLocationFiles) {
      if (match === 'bad/**') throw new AppError('location-refused', 'no pattern')
      return found
    }
    if (endpoint !== listLocationFiles) throw new Error('unexpected call')
    if (folder === '2026-05') return { entries: [file('a.csv')], nextCursor: null }
    return cursor === undefined
      ? { entries: [{ kind: 'folder', name: '2026-05' }, file('b.csv')], nextCursor: 'next' }
      : { entries: [file('c.csv')], nextCursor: null }
  })
})
afterEach(cleanup)

function Page() {
  const located = useLocationFiles([])
  return (
    <>
      <FromLocation table={SAMPLE_IDENTIFIER} located={located} />
      <FromUrl table={SAMPLE_IDENTIFIER} located={located} />
      <pre>{JSON.stringify(located.files.map(({ input }) => input))}</pre>
    </>
  )
}

const chosen = () => JSON.parse(document.querySelector('pre')?.textContent ?? '') as unknown

async function openBrowser() {
  renderInTable(<Page />)
  await userEvent.click(await screen.findByRole('button', { name: 'From a location' }))
}

it('Nothing is offered where the operator allows no location', async () => {
  names = []
  renderInTable(<Page />)
  await waitFor(() => expect(call).toHaveBeenCalledWith(listLoadLocations, expect.anything()))
  expect(screen.queryByRole('button', { name: 'From a location' })).toBeNull()
})

it('Folders are opened and files ticked, with the keyboard alone', async () => {
  await openBrowser()
  const folder = await screen.findByRole('button', { name: '2026-05' })
  expect(screen.getByRole('status').textContent).toBe('2 entries so far')
  await userEvent.click(screen.getByRole('button', { name: 'More entries' }))
  expect(await screen.findByLabelText('c.csv')).toBeTruthy()
  folder.focus()
  await userEvent.keyboard('{Enter}')
  const ticked = await screen.findByLabelText('a.csv')
  // The folder that was pressed is gone: the focus is on its name in the path.
  await waitFor(() => expect(document.activeElement?.textContent).toBe('2026-05'))
  expect(document.activeElement?.getAttribute('aria-current')).toBe('location')
  ticked.focus()
  await userEvent.keyboard(' ')
  expect(chosen()).toEqual([{ location: 'landing', path: '2026-05/a.csv' }])
  await userEvent.keyboard(' ')
  expect(chosen()).toEqual([])
  await userEvent.click(
    within(screen.getByRole('navigation', { name: 'Folder' })).getByRole('button', { name: 'landing' }),
  )
  expect(await screen.findByLabelText('b.csv')).toBeTruthy()
})

it('All files that match a pattern below the folder are chosen together, as the pattern', async () => {
  await openBrowser()
  await userEvent.click(await screen.findByRole('button', { name: '2026-05' }))
  await userEvent.type(await screen.findByLabelText('Files that match'), '**.csv')
  await userEvent.click(await screen.findByLabelText(/^All that match \(3 files, 2/))
  expect(chosen()).toEqual([{ location: 'landing', match: '2026-05/**.csv' }])
  await userEvent.click(screen.getByLabelText('2026-05/a.csv'))
  expect(chosen()).toHaveLength(2)
})

it.each([
  [{ files: [], fileCount: 0, sizeBytes: 0, isComplete: true }, 'No file matches.'],
  [
    { files: [], fileCount: 1_203, sizeBytes: 9, isComplete: true },
    '1,203 files match, and a load has at most 1,000. Choose a narrower pattern.',
  ],
  [
    { files: [], fileCount: 7, sizeBytes: 9, isComplete: false },
    'The location has too many files to look at all of them. Begin the pattern with a folder.',
  ],
])('Files that cannot be loaded together are not chosen together: %j', async (result, sentence) => {
  found = result
  await openBrowser()
  await userEvent.type(await screen.findByLabelText('Files that match'), '*')
  expect(await screen.findByText(sentence)).toBeTruthy()
  expect(screen.getByLabelText(/^All that match/)).toHaveProperty('disabled', true)
})

it('Several locations are a list, and a search that fails says why', async () => {
  names = ['drop', 'landing']
  await openBrowser()
  await userEvent.click(await screen.findByRole('button', { name: 'drop' }))
  expect(await screen.findByLabelText('b.csv')).toBeTruthy()
  await userEvent.type(screen.getByLabelText('Files that match'), 'bad/**')
  expect((await screen.findByRole('alert')).textContent).toContain('no pattern')
  await userEvent.click(screen.getByRole('button', { name: 'Locations' }))
  expect(screen.getByRole('list', { name: 'Locations' }).textContent).toContain('landing')
})

it('A URL can be added where the operator allows hosts', async () => {
  names = []
  renderInTable(<Page />)
  await waitFor(() => expect(call).toHaveBeenCalledWith(listLoadLocations, expect.anything()))
  expect(screen.queryByRole('button', { name: 'From a URL' })).toBeNull()
  cleanup()

  hosts = ['data.example.org', '*.gov.example']
  renderInTable(<Page />)
  await userEvent.click(await screen.findByRole('button', { name: 'From a URL' }))
  const field = screen.getByRole('textbox', { name: 'URL of a file' })
  expect(screen.getByText(/Of data.example.org and \*.gov.example/)).toBeTruthy()
  await userEvent.type(field, 'https://ada:pw@data.example.org/a.csv')
  expect(screen.getByText('Use a URL without a user name and a password.')).toBeTruthy()
  await userEvent.clear(field)
  await userEvent.type(field, 'https://data.example.org/a.csv?year=2026{Enter}')
  expect(chosen()).toEqual([{ url: 'https://data.example.org/a.csv?year=2026' }])
  expect(field).toHaveProperty('value', '')
})
