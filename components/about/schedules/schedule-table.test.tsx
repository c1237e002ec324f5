// @vitest-environment happy-dom
import { cleanup, screen, within, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { removeSchedule, runSchedule, type Schedule, setSchedule, takeOverSchedule } from '@/lib/contract/jobs'
import { restartSavedResult } from '@/lib/contract/loads/saved-results'
import { AppError } from '@/lib/errors'
import { renderInTable, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { ScheduleTable } from './schedule-table'

const call = stubApi()
const SAVED: Schedule = {
  id: 's1',
  kind: 'ingest',
  title: 'Nightly trips',
  detail: 'landing/**.csv',
  readsOn: false,
  table: SAMPLE_IDENTIFIER,
  owner: 'edna',
  isOwn: true,
  startsBy: 'times',
  cron: '0 2 * * *',
  timeZone: 'Europe/Berlin',
  watchedTables: [],
  isEnabled: true,
  pausedBecause: null,
  nextRunsAtMs: [Date.UTC(2026, 0, 1, 1)],
  lastRun: {
    id: 'r1',
    state: 'succeeded',
    outcome: { rowsCommitted: 0, newFileCount: 0 },
    warnings: {},
    createdAtMs: 1,
    finishedAtMs: 2,
  },
  lastSkippedAtMs: null,
  version: 3,
  createdAtMs: 1,
  changedAtMs: 1,
  canChange: true,
  canRun: true,
  canTakeOver: false,
}

function renderTable(schedules: readonly Schedule[]) {
  renderInTable(
    <ScheduleTable label="Saved loads" schedules={schedules} runHref={(id) => `/runs/${id}`} showsTable />,
    { role: 'editor' },
  )
}

beforeEach(() => {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === removeSchedule) return {}
    if (endpoint === setSchedule || endpoint === takeOverSchedule || endpoint === restartSavedResult)
      return { schedule: SAVED }
    throw new AppError('invalid-request', 'It is paused.')
  })
})
afterEach(cleanup)

it('Saved work says what it does, for whom, and what its last run did', async () => {
  renderTable([SAVED])
  const table = await screen.findByRole('table', { name: 'Saved loads' })
  expect(table.textContent).toContain('Nightly tripslanding/**.csv, into demo.flights, by edna')
  expect(table.textContent).toContain('no new files')
  expect(within(table).getByRole('link', { name: 'succeeded' }).getAttribute('href')).toBe('/runs/r1')
})

it('Paused work says why, is not run, and goes on when it is switched on', async () => {
  renderTable([{ ...SAVED, isEnabled: false, pausedBecause: 'Its owner was removed.', nextRunsAtMs: [] }])
  expect(screen.getByText('paused: Its owner was removed.')).toBeTruthy()
  expect(screen.queryByRole('button', { name: /Run now/ })).toBeNull()
  await userEvent.click(screen.getByRole('switch', { name: 'On: Nightly trips' }))
  await waitFor(() =>
    expect(call.mock.calls).toContainEqual([setSchedule, { schedule: 's1', version: 3, isEnabled: true }]),
  )
})

it('Work of another user can be taken over, and not changed', async () => {
  renderTable([{ ...SAVED, isOwn: false, canChange: false, canTakeOver: true }])
  expect(screen.queryByRole('switch')).toBeNull()
  expect(screen.queryByRole('button', { name: /Remove/ })).toBeNull()
  await userEvent.click(screen.getByRole('button', { name: 'Take over: Nightly trips' }))
  await waitFor(() => expect(call.mock.calls).toContainEqual([takeOverSchedule, { schedule: 's1', version: 3 }]))
})

it('Work is removed after the user has read what is forgotten', async () => {
  renderTable([{ ...SAVED, startsBy: 'hand' }])
  expect(screen.getByText('when a user starts it')).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Remove: Nightly trips' }))
  expect(await screen.findByText(/Which files it has loaded is forgotten/)).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Remove' }))
  await waitFor(() => expect(call.mock.calls).toContainEqual([removeSchedule, { schedule: 's1' }]))
})

it('A refusal is shown', async () => {
  renderTable([SAVED])
  await userEvent.click(screen.getByRole('button', { name: 'Run now: Nightly trips' }))
  expect((await screen.findByRole('alert')).textContent).toContain('It is paused.')
  expect(call.mock.calls.map(([endpoint]) => endpoint)).toContain(runSchedule)
})

it('A saved result of appended rows starts again where its owner chooses, and other work does not', async () => {
  renderTable([SAVED, { ...SAVED, id: 's2', kind: 'save-result', title: 'Silver', readsOn: true }])
  expect(await screen.findAllByRole('button', { name: /^Start again/ })).toHaveLength(1)
  await userEvent.click(screen.getByRole('button', { name: 'Start again: Silver' }))
  await userEvent.click(await screen.findByRole('button', { name: 'From now' }))
  await waitFor(() =>
    expect(call.mock.calls).toContainEqual([restartSavedResult, { schedule: 's2', version: 3, from: 'now' }]),
  )
})
