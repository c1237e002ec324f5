// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, within } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { InitialSession } from '@/lib/client/session/initial-session'
import type { LakeEvent } from '@/lib/contract/home'
import type { Permission } from '@/lib/permissions'
import { render } from '@/testing/components/render'
import { LakeEvents } from './lake-events'

afterEach(cleanup)

const EVENT: LakeEvent = {
  atMs: 1_000,
  target: { catalog: 'local', namespace: ['demo'], table: 'flights' },
  isView: false,
  action: 'append',
  source: 'console',
  job: null,
  actor: 'ada',
  via: null,
  commit: null,
}

it('names the kind of a job, and no console in which the user did nothing', () => {
  const events: LakeEvent[] = [
    EVENT,
    { ...EVENT, atMs: 2_000, source: 'job', job: 'ingest' },
    { ...EVENT, atMs: 3_000, source: 'command-line', actor: 'command line' },
    { ...EVENT, atMs: 4_000, source: 'engine', via: { client: 'PyIceberg', token: 'laptop' } },
  ]
  render(<LakeEvents events={events} completeSinceMs={null} />)
  const byWhom = screen
    .getAllByRole('row')
    .slice(1)
    .map((row) => within(row).getAllByRole('cell').at(-1))
  expect(byWhom.map((cell) => cell?.textContent)).toEqual([
    'ada',
    'ada · Ingest job',
    'command line',
    'ada · PyIceberg',
  ])
  expect(byWhom[0]?.querySelector('[title]')?.getAttribute('title')).toBe('in this console')
})

it('A view of the activity is linked to its own page', () => {
  const view = { catalog: 'local', namespace: ['demo'], table: 'routes' }
  render(
    <LakeEvents
      events={[EVENT, { ...EVENT, target: view, isView: true, action: 'replace-view' }]}
      completeSinceMs={null}
    />,
  )
  expect(screen.getByRole('link', { name: 'demo.flights' }).getAttribute('href')).toMatch(/\/tables\/flights/)
  expect(screen.getByRole('link', { name: 'demo.routes' }).getAttribute('href')).toMatch(/\/views\/routes$/)
})

it('names the catalog of each change when there are several, and of no change otherwise', () => {
  const remote = { ...EVENT, target: { ...EVENT.target, catalog: 'remote' } }
  const { unmount } = render(<LakeEvents events={[EVENT, remote]} completeSinceMs={null} />)
  const rows = screen.getAllByRole('row').slice(1)
  expect(rows.map((row) => within(row).getAllByRole('cell')[2]?.textContent)).toEqual(['local', 'remote'])
  unmount()
  render(<LakeEvents events={[remote]} completeSinceMs={null} />)
  expect(screen.queryByRole('columnheader', { name: 'Catalog' })).toBeNull()
})

it('lists equal neighbours once, with their number, time and rows', () => {
  const commit = (addedRows: number | null) => ({
    table: { catalog: 'local', namespace: ['demo'], table: 'flights' },
    snapshotId: '1',
    atMs: 1,
    operation: 'append',
    writer: null,
    addedRows,
    removedRows: 0,
    addedBytes: 0,
    removedBytes: 0,
    addedFiles: 1,
    removedFiles: 0,
    inputBytes: null,
  })
  const at = (seconds: number, change: Partial<LakeEvent> = {}): LakeEvent => ({
    ...EVENT,
    atMs: seconds * 1_000,
    commit: commit(4_000),
    ...change,
  })
  const events = [
    at(900),
    at(600),
    at(300),
    at(290, { actor: 'eve' }),
    at(280, { action: 'create-ref', commit: null }),
    at(270, { action: 'create-ref', commit: null }),
    at(200),
  ]
  render(<LakeEvents events={events} completeSinceMs={null} />)
  const texts = screen
    .getAllByRole('row')
    .slice(1)
    .map((row) =>
      within(row)
        .getAllByRole('cell')
        .slice(2)
        .map((cell) => cell.textContent),
    )
  expect(texts).toEqual([
    ['Append3 times in 10 min', '+12,000', 'ada'],
    ['Append', '+4,000', 'eve'],
    ['Create branch or tag2 times within a minute', '', 'ada'],
    ['Append', '+4,000', 'ada'],
  ])
})

it('says that older changes were not looked up, and where they are', () => {
  const renderAs = (permissions: Permission[], completeSinceMs: number | null) => {
    const client = new QueryClient({ defaultOptions: { queries: { enabled: false } } })
    render(
      <QueryClientProvider client={client}>
        <InitialSession value={{ userId: 'u', permissions }}>
          <LakeEvents events={[EVENT]} completeSinceMs={completeSinceMs} />
        </InitialSession>
      </QueryClientProvider>,
    )
  }
  renderAs([], null)
  expect(screen.queryByText(/not looked up/)).toBeNull()
  cleanup()
  renderAs([], Date.now() - 7_200_000)
  expect(screen.getByText(/^Only commits are listed/).textContent).toBe(
    'Only commits are listed from before 2 h ago: other changes of that time were not looked up. The History of a table lists its changes.',
  )
  cleanup()
  renderAs(['audit:read'], Date.now() - 7_200_000)
  expect(screen.getByRole('link', { name: 'The audit' }).getAttribute('href')).toBe('/audit')
})

it('lists commits of different writers, and of unknown ones, in rows of their own', () => {
  const events = ['ada', 'eve', null, null, 'ada'].map((actor, i) => ({ ...EVENT, atMs: 9_000 - i, actor }))
  render(<LakeEvents events={events} completeSinceMs={null} />)
  const rows = screen.getAllByRole('row').slice(1)
  expect(rows.map((row) => within(row).getAllByRole('cell').at(-1)?.textContent)).toEqual([
    'ada',
    'eve',
    '–unknown: writers not recorded',
    'ada',
  ])
})
