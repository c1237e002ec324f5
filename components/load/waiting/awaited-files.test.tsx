// @vitest-environment happy-dom
import { act, cleanup, renderHook, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
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
import { EarlierUploads } from './earlier-uploads'
import { OtherContents } from './other-contents'

const call = stubApi()
afterEach(() => {
  cleanup()
  act(runSignOutTasks)
})

const WHOLE = { uploadId: 'U1', fileName: 'may.csv', sizeBytes: 3, target: SAMPLE_IDENTIFIER }
const listed = (runId: string | null, uploadId = 'U1', receivedBytes = 3) => ({
  ...WHOLE,
  uploadId,
  receivedBytes,
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
    const uploads = useLoadUploads(SAMPLE_IDENTIFIER, null)
    const { files, sent } = uploads
    return (
      <>
        <output>{files.map(({ fileName }) => fileName).join() || 'no file'}</output>
        <AwaitedFiles table={SAMPLE_IDENTIFIER} sent={sent} />
        <EarlierUploads uploads={uploads} />
        <OtherContents uploads={uploads} />
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

it('A file that was sent for a load is not offered again, and its load is named', async () => {
  const store = openStore()
  store.addStored([WHOLE])
  store.handToRun(
    [...store.getSnapshot().map(({ id }) => id), ...store.add([new File(['abc'], 'june.csv')], SAMPLE_IDENTIFIER)],
    'R1',
  )
  renderForm([listed('R1', 'U1', 1)])
  expect(await screen.findByText(/^2 files are on their way/)).toBeTruthy()
  await isListed()
  expect(screen.queryByText(/Uploaded earlier/)).toBeNull()
  const june = store.getSnapshot().find(({ fileName }) => fileName === 'june.csv')
  // The last file that was not here leaves, and with it the whole load.
  await act(() => store.remove(june?.id ?? ''))
  act(() => store.handToRun([], 'R1'))
  const link = await screen.findByRole('link', { name: 'the load of it' })
  expect(link.getAttribute('href')).toBe('/ingest/runs/R1')
  expect(screen.queryByText(/Uploaded earlier/)).toBeNull()
})

it('A load that no longer waits gives its files back', async () => {
  const store = openStore()
  store.addStored([WHOLE, { ...WHOLE, uploadId: 'U2' }])
  const ids = store.add([new File(['abc'], 'june.csv')], SAMPLE_IDENTIFIER)
  store.handToRun([...store.getSnapshot().map(({ id }) => id), ...ids], 'R1')
  renderForm([listed(null), { ...listed(null, 'U2', 1) }])
  expect(await screen.findByText('may.csv,may.csv,june.csv')).toBeTruthy()
})

it('Files of earlier visits are used or removed one by one, and a load that has another content of a name is named', async () => {
  const others = ['U1', 'U2', 'U3'].map((id) => ({ ...listed(id === 'U3' ? 'R9' : null, id), fileName: `${id}.csv` }))
  openStore().addStored([{ ...WHOLE, uploadId: 'U4', fileName: 'U3.csv' }])
  renderForm([...others, { ...listed(null, 'U4'), fileName: 'U3.csv' }])
  expect((await screen.findByRole('link', { name: 'a load has it' })).getAttribute('href')).toBe('/ingest/runs/R9')
  expect(screen.getByRole('link', { name: 'A load' }).parentElement?.textContent).toMatch(
    /^A load has another U3[.]csv [(]3 B[)][.] A file that was changed, or whose upload was begun in another/,
  )
  expect(screen.getByRole('button', { name: 'Use all 2 files' })).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Remove now, U1.csv' })).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Use U2.csv' }))
  expect(await screen.findByText('U3.csv,U2.csv')).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Use U2.csv' })).toBeNull()
  expect(screen.getByRole('button', { name: 'Use U1.csv' })).toBeTruthy()
})
