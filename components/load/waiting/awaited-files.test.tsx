// @vitest-environment happy-dom
import { act, cleanup, renderHook, screen, waitFor } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { runSignOutTasks } from '@/lib/client/session/sign-out-tasks'
import { useUploads } from '@/lib/client/uploads/use-uploads'
import { listUploads } from '@/lib/contract/uploads'
import { AppError } from '@/lib/errors'
import { renderInTable, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { sampleSession } from '@/testing/contract/sample-session'
import { useLoadUploads } from '../use-load-uploads'
import { AwaitedFiles } from './awaited-files'

const call = stubApi()
afterEach(() => {
  cleanup()
  act(runSignOutTasks)
})

const WHOLE = { uploadId: 'U1', fileName: 'may.csv', sizeBytes: 3, target: SAMPLE_IDENTIFIER }
const listed = (runId: string | null) => ({
  ...WHOLE,
  receivedBytes: 3,
  expiresAtMs: Date.UTC(2100, 0, 1),
  proposalId: null,
  runId,
})

const openStore = () => renderHook(() => useUploads(sampleSession('editor').userId)).result.current.store

/** The form of the table, with the list of uploads that the server has. */
function renderForm(uploads: readonly object[]) {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === listUploads) return { uploads }
    throw new AppError('server-unreachable', 'Not in this test.')
  })
  function Form() {
    const { files } = useLoadUploads(SAMPLE_IDENTIFIER, null)
    return (
      <>
        <output>{files.map(({ fileName }) => fileName).join() || 'no file'}</output>
        <AwaitedFiles table={SAMPLE_IDENTIFIER} />
      </>
    )
  }
  renderInTable(<Form />, { role: 'editor' })
}

const isListed = () => waitFor(() => expect(call.mock.calls.some(([one]) => one === listUploads)).toBe(true))

it('A file that a load waits for is not one of the form', async () => {
  openStore().addStored([WHOLE])
  renderForm([listed('R1')])
  expect(await screen.findByText('no file')).toBeTruthy()
})

it('A file that was loaded since the form was left is no longer on it', async () => {
  openStore().addStored([WHOLE])
  renderForm([])
  expect(await screen.findByText('no file')).toBeTruthy()
})

it('A file that no load waits for stays on the form', async () => {
  openStore().addStored([WHOLE])
  renderForm([listed(null)])
  await isListed()
  await act(async () => {})
  expect(screen.getByText('may.csv')).toBeTruthy()
})

it('The form names the files of this tab that are on their way for a load, with a link to its run', async () => {
  const store = openStore()
  const ids = store.add([new File(['abc'], 'june.csv'), new File(['abc'], 'july.csv')], SAMPLE_IDENTIFIER)
  store.handToRun(ids, 'R1')
  renderForm([])
  const link = await screen.findByRole('link', { name: 'the load that waits for them' })
  expect(link.getAttribute('href')).toBe('/ingest/runs/R1')
  expect(link.parentElement?.textContent).toBe('2 files are on their way for the load that waits for them: 0 B of 6 B.')
})
