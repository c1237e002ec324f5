// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import type { PageUpload } from '@/lib/client/uploads/page-upload'
import { AppError } from '@/lib/errors'
import { renderInTable } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
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

it('An upload whose session has ended says how it goes on, without leaving the page', async () => {
  const uploads = {
    files: [PAUSED],
    listed: [],
    readListed: async () => {},
    sent: [],
    problem: null,
    add: () => [],
    addStored: noAction,
    remove: noAction,
    retry: noAction,
    carryTo: noAction,
    open: async () => [],
    handToRun: noAction,
    handOver: noAction,
    removeStored: async () => {},
    holdDuring: (work: () => Promise<never>) => work(),
  }
  const located = { files: [], add: noAction, remove: noAction, clear: noAction }
  renderInTable(
    <FilesStep uploads={uploads} located={located} notes={new Map()} isOpen>
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
