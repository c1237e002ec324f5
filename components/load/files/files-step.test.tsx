// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, within } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import type { PageUpload } from '@/lib/client/uploads/page-upload'
import { AppError } from '@/lib/errors'
import { renderInTable } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import type { LoadUploads } from '../use-load-uploads'
import { FilesStep } from './files-step'

stubApi()
afterEach(cleanup)

const noAction = () => {}
const PAUSED: PageUpload = {
  id: '1',
  fileName: 'trips.csv',
  sizeBytes: 1000,
  target: { catalog: 'local', namespace: ['demo'], table: 'trips' },
  runId: null,
  state: 'paused',
  sentBytes: 500,
  storedBytes: 0,
  bytesPerSecond: null,
  failure: new AppError('unauthenticated', 'Your session has ended.'),
  awaitedBy: null,
  uploadId: 'U1',
}

const located = { files: [], add: noAction, remove: noAction, clear: noAction }

function uploadsOf(files: readonly PageUpload[], retry: (id: string) => void = noAction): LoadUploads {
  return {
    files,
    listed: [],
    readListed: async () => {},
    sent: [],
    problem: null,
    add: () => [],
    addStored: noAction,
    lookForLost: async () => {},
    remove: noAction,
    retry,
    carryTo: noAction,
    open: async () => [],
    handToRun: noAction,
    handOver: noAction,
    removeStored: async () => {},
    holdDuring: (work) => work(),
  }
}

it('Of many files it shows the failed ones and the first, and all when asked', () => {
  const files = Array.from({ length: 40 }, (_, i): PageUpload => {
    const state = i > 37 ? 'failed' : 'complete'
    return { ...PAUSED, id: String(i), fileName: `${i}.csv`, state, failure: null }
  })
  const retry = vi.fn()
  renderInTable(
    <FilesStep uploads={uploadsOf(files, retry)} located={located} notes={new Map()} isOpen>
      {null}
    </FilesStep>,
  )
  const shownNames = () =>
    within(screen.getByRole('list', { name: 'Files' }))
      .getAllByText(/\.csv$/)
      .map(({ textContent }) => textContent)
  const firstNames = Array.from({ length: 10 }, (_, i) => `${i}.csv`)
  expect(shownNames()).toEqual([...firstNames, '38.csv', '39.csv'])
  fireEvent.click(screen.getByRole('button', { name: 'Try 2 files again' }))
  expect(retry.mock.calls).toEqual([['38'], ['39']])
  fireEvent.click(screen.getByRole('button', { name: 'Show all 40 files' }))
  expect(shownNames()).toEqual(files.map(({ fileName }) => fileName))
  fireEvent.click(screen.getByRole('button', { name: 'Show fewer files' }))
  expect(shownNames()).toHaveLength(12)
})

it('An upload whose session has ended says how it goes on, without leaving the page', async () => {
  renderInTable(
    <FilesStep uploads={uploadsOf([PAUSED])} located={located} notes={new Map()} isOpen>
      {null}
    </FilesStep>,
  )
  const alert = await screen.findByRole('alert')
  expect(alert.textContent).toBe(
    'Your session has ended. Sign in again in another tab, and the upload resumes where it stopped.',
  )
  const link = within(alert).getByRole('link')
  expect([link.getAttribute('href'), link.getAttribute('target')]).toEqual(['/login', '_blank'])
})
