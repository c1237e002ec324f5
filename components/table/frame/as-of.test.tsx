// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { SearchParamsContext } from 'next/dist/shared/lib/hooks-client-context.shared-runtime'
import { type ReactNode, useState, useSyncExternalStore } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import { getTable } from '@/lib/contract/table/tables'
import { listSnapshots } from '@/lib/contract/table/snapshots'
import { formatExactTime } from '@/lib/format/time'
import { zoneName } from '@/lib/time-zone'
import { renderInTable, SAMPLE_DETAIL, SAMPLE_IDENTIFIER, SAMPLE_PAST } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { NO_CLIENTS } from '@/testing/contract/sample-clients'
import { UNFILTERED } from '@/testing/components/sample-snapshot'
import { AsOfControl } from './as-of-control'
import { AsOfPopover } from './as-of-popover'
import { TableHeader } from '@/components/table/page/table-header'
import { listTableClients } from '@/lib/contract/table/clients'
import { listTableUses } from '@/lib/contract/table/uses'
import { TableOverview } from '@/components/table/overview/table-overview'
import { TablePage } from '@/components/table/page/table-page'
import { Timeline } from './timeline'

const call = stubApi()
const listeners = new Set<() => void>()
/** Follows the address, as Next does. */
function Address({ children }: { children: ReactNode }) {
  const search = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => window.location.search,
  )
  return <SearchParamsContext value={new URLSearchParams(search)}>{children}</SearchParamsContext>
}

const pushState = window.history.pushState.bind(window.history)
beforeEach(() => {
  window.history.pushState = (...args) => {
    pushState(...args)
    for (const listener of listeners) listener()
  }
})
afterEach(() => {
  cleanup()
  pushState(null, '', '/table')
})

type Input = { ref?: string; snapshot?: string; at?: number; upTo?: string }

/** Answers requests for the table: the current state, and whatever else is given. */
function answer(other: (input: Input) => unknown) {
  call.mockImplementation(async (endpoint: unknown, input: Input) => {
    if (endpoint === listSnapshots)
      return { mainSnapshotId: '13', totalCount: 0, ...UNFILTERED, snapshots: [], nextOffset: null }
    if (endpoint !== getTable) throw new Error('unexpected call')
    const isCurrent = input.ref === undefined && input.snapshot === undefined && input.at === undefined
    return isCurrent ? SAMPLE_DETAIL : other(input)
  })
}

function openPage(search: string) {
  pushState(null, '', `/table${search}`)
  renderInTable(
    <Address>
      <TablePage table={SAMPLE_IDENTIFIER}>content</TablePage>
    </Address>,
    { pathname: '/table' },
  )
}

describe('A state that cannot be shown', () => {
  const FIRST_MS = Date.UTC(2026, 10, 21, 3, 35, 42)
  it.each([
    ['?ref=gone', { refName: 'gone' }, 'Choose another branch or tag, or go back to now.'],
    ['?snapshot=42', { snapshotId: '42' }, 'Choose another snapshot, or go back to now.'],
    ['?at=5', { atMs: 5, earliestMs: FIRST_MS }, `The first commit was on ${formatExactTime(FIRST_MS, zoneName())}.`],
    [
      '?at=99999999999999',
      { atMs: 99_999_999_999_999, nowMs: FIRST_MS },
      `It is now ${formatExactTime(FIRST_MS, zoneName())}. Choose an earlier time, or go back to now.`,
    ],
    ['?at=5', { atMs: 5, earliestMs: null }, 'The table has no commit yet.'],
  ])('gets advice that fits, and a way back: %s %s', async (search, facts, advice) => {
    answer(() => {
      throw new AppError('not-found', 'It is not there.', { facts })
    })
    openPage(search)
    expect((await screen.findByRole('alert')).textContent).toContain(advice)
    expect(screen.getByRole('alert').textContent).not.toContain('Look for it in Explore')
    expect(screen.getAllByRole('tab').length).toBeGreaterThan(1)
    expect(await screen.findByRole('button', { name: /^As of/ })).toBeTruthy()
    await userEvent.click(await screen.findByRole('button', { name: 'Back to now' }))
    expect(await screen.findByText('content')).toBeTruthy()
    expect(screen.queryByRole('region', { name: 'Time travel' })).toBeNull()
  })

  it.each([
    ['?at=2020-01-01T00:00:00', '“2020-01-01T00:00:00” has no offset.', '?at=2020-01-01T00:00:00Z for UTC'],
    ['?at=soon', '“soon” is not a time.', '?at='],
    ['?snapshot=abc', '“abc” is not a snapshot id.', 'whole number'],
    ['?ref=', 'without the name of a branch or tag', 'go back to now'],
  ])('is explained when the address is wrong: %s', async (search, words, hint) => {
    answer(() => SAMPLE_PAST)
    openPage(search)
    const note = await screen.findByRole('alert')
    expect(note.textContent).toContain('The address is not valid')
    expect(note.textContent).toContain(words)
    expect(note.textContent).toContain(hint)
    await userEvent.click(await screen.findByRole('button', { name: 'Back to now' }))
    expect(await screen.findByText('content')).toBeTruthy()
  })

  it('leads to the view, or to the table of a metadata table', async () => {
    answer(() => SAMPLE_PAST)
    call.mockRejectedValue(new AppError('not-found', 'It is a view.', { facts: { foundAs: 'view' } }))
    openPage('')
    const link = await screen.findByRole('link', { name: 'Open the view flights' })
    expect(link.getAttribute('href')).toBe('/catalogs/local/namespaces/demo/views/flights')
    // The page has no tab to open and no reason to read again.
    expect(screen.queryByRole('tab')).toBeNull()
    expect(screen.queryByRole('tabpanel')).toBeNull()
    expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull()
    cleanup()
    const facts = { foundAs: 'metadata-table', ofNamespace: 'demo', ofTable: 'trips', tab: 'snapshots' }
    call.mockRejectedValue(new AppError('not-found', 'It is a metadata table.', { facts }))
    openPage('')
    expect((await screen.findByRole('link', { name: 'Open demo.trips' })).getAttribute('href')).toBe(
      '/catalogs/local/namespaces/demo/tables/trips/snapshots',
    )
  })
})

describe('A state as of a time', () => {
  const requestedMs = Date.UTC(2026, 10, 11, 11, 0)
  const committedAtMs = Date.UTC(2026, 10, 5, 2, 0)

  it('names the requested time in band and control, and the commit with its own time', async () => {
    answer(({ at }) => {
      expect(at).toBe(requestedMs)
      return { ...SAMPLE_PAST, shown: { snapshotId: '11', committedAtMs, ref: null, isCurrent: false } }
    })
    openPage('?at=2026-11-11T12:00:00%2B01:00')
    expect(await screen.findByText('content')).toBeTruthy()
    const requested = formatExactTime(requestedMs, zoneName())
    expect(screen.getByRole('region', { name: 'Time travel' }).textContent).toContain(
      `As of ${requested} · snapshot 11 committed ${formatExactTime(committedAtMs, zoneName())}`,
    )
    expect(screen.getByRole('button', { name: /^As of/ }).textContent).toContain(requested)
  })

  it('that the table does not have is said in the zone of the page', async () => {
    answer(() => {
      throw new AppError('not-found', 'The table has no snapshot at 2026-11-11 11:00:00.000 UTC.', {
        facts: { atMs: requestedMs, earliestMs: requestedMs + 1 },
      })
    })
    openPage('?at=2026-11-11T11:00:00Z')
    const note = await screen.findByRole('alert')
    expect(note.textContent).toContain(`The table had no snapshot at ${formatExactTime(requestedMs, zoneName())}.`)
    expect(note.textContent).not.toContain('11:00:00.000 UTC')
  })
})

it('keeps the timeline and its focus while another commit is being read', async () => {
  const waiting: (() => void)[] = []
  answer(
    ({ snapshot }) =>
      new Promise((resolve) => {
        const shown = { snapshotId: snapshot ?? '', committedAtMs: 1_000, ref: null, isCurrent: false }
        waiting.push(() => resolve({ ...SAMPLE_PAST, shown }))
      }),
  )
  openPage('?snapshot=13')
  await waitFor(() => expect(waiting).toHaveLength(1))
  waiting.shift()?.()
  const band = await screen.findByRole('region', { name: 'Time travel' })
  const slider = within(band).getByRole('slider')
  slider.focus()
  await userEvent.keyboard('{ArrowLeft}{ArrowLeft}{ArrowRight}')
  expect(window.location.search).toBe('?snapshot=12')
  expect(document.activeElement).toBe(slider)
  await waitFor(() => expect(band.textContent).toContain('snapshot 12'))
  for (const finish of waiting.splice(0)) finish()
  expect(await screen.findByText('content')).toBeTruthy()
  expect(document.activeElement).toBe(slider)
})

it('spaces commits evenly, and goes from commit to commit without losing a key', async () => {
  const onChoose = vi.fn()
  const timeline = [0, 1, 2, 3_600_000].map((committedAtMs, index) => ({
    snapshotId: String(index),
    committedAtMs,
    isTagged: index === 1,
  }))
  renderInTable(<Timeline timeline={timeline} shownSnapshotId="3" onChoose={onChoose} />)
  const slider = screen.getByRole('slider', { name: 'Commits to main, evenly spaced' })
  expect([...slider.querySelectorAll<HTMLElement>('[title]')].map(({ style }) => parseFloat(style.left))).toEqual([
    0,
    expect.closeTo(33.33, 1),
    expect.closeTo(66.67, 1),
    100,
  ])
  slider.focus()
  // The page still shows the same snapshot while these are pressed.
  await userEvent.keyboard('{ArrowLeft}{ArrowLeft}{ArrowLeft}{ArrowRight}')
  expect(onChoose.mock.calls.map(([snapshotId]) => snapshotId)).toEqual(['2', '1', '0', '1'])
  expect(slider.getAttribute('aria-valuenow')).toBe('2')
})

it('takes all of a drag as one step of the browser, and its end exactly', () => {
  const onChoose = vi.fn()
  const timeline = [0, 1, 2, 3, 4].map((committedAtMs) => ({
    snapshotId: String(committedAtMs),
    committedAtMs,
    isTagged: false,
  }))
  renderInTable(<Timeline timeline={timeline} shownSnapshotId="4" onChoose={onChoose} />)
  const slider = screen.getByRole('slider', { name: /^Commits to main/ })
  slider.getBoundingClientRect = () => ({ left: 0, width: 400 }) as DOMRect
  slider.setPointerCapture = () => {}
  slider.hasPointerCapture = () => true
  fireEvent.pointerDown(slider, { clientX: 300 })
  // Too quick after each other for the address.
  for (const clientX of [200, 100, 0]) fireEvent.pointerMove(slider, { clientX })
  fireEvent.pointerUp(slider, { clientX: 0 })
  const calls = onChoose.mock.calls as [string, { isSameStep: boolean }][]
  expect(calls[0]).toEqual(['3', { isSameStep: false }])
  expect(calls.slice(1).every(([, { isSameStep }]) => isSameStep)).toBe(true)
  expect(calls.length).toBeLessThan(5)
  expect(calls.at(-1)?.[0]).toBe('0')
})

it('keeps the thumb where it was put when main returned to that snapshot later', async () => {
  const timeline = ['1', '2', '3', '1'].map((snapshotId, committedAtMs) => ({
    snapshotId,
    committedAtMs,
    isTagged: false,
  }))
  function Page() {
    const [shown, setShown] = useState('2')
    return <Timeline timeline={timeline} shownSnapshotId={shown} onChoose={setShown} />
  }
  renderInTable(<Page />)
  const slider = screen.getByRole('slider', { name: /^Commits to main/ })
  slider.focus()
  await userEvent.keyboard('{ArrowLeft}')
  expect(slider.getAttribute('aria-valuenow')).toBe('1')
})

describe('The as-of picker', () => {
  const rolledBack = {
    ...SAMPLE_DETAIL,
    timeline: [...SAMPLE_DETAIL.timeline, { snapshotId: '12', committedAtMs: 9_000, isTagged: false }],
  }
  const openPicker = async (detail = rolledBack) => {
    renderInTable(<AsOfControl detail={detail} />)
    await userEvent.click(screen.getByRole('button', { name: /^As of/ }))
    return screen.findByLabelText('As of')
  }

  it('lists a snapshot once, also after a rollback to it', async () => {
    const picker = await openPicker()
    const names = within(picker)
      .getAllByRole('listitem', { hidden: true })
      .map((item) => item.textContent)
    expect(names.map((name) => name?.replace(/ .*/, ''))).toHaveLength(5)
    expect(names.filter((name) => name?.startsWith('12'))).toHaveLength(1)
  })

  it('marks what is shown, and begins with the filter', async () => {
    const picker = await openPicker(SAMPLE_PAST)
    expect(within(picker).getByRole('button', { current: true, hidden: true }).textContent).toContain('q1')
    await waitFor(() => expect(document.activeElement).toBe(within(picker).getByRole('searchbox', { hidden: true })))
    cleanup()
    expect(within(await openPicker()).getByRole('button', { current: true, hidden: true }).textContent).toContain('now')
  })

  it('opens a snapshot by its whole id, also one that the log of main does not name', async () => {
    const picked: unknown[] = []
    renderInTable(<AsOfPopover opened onChange={() => {}} detail={rolledBack} onPick={(asOf) => picked.push(asOf)} />)
    const field = screen.getByRole('searchbox', { hidden: true })
    await userEvent.type(field, '9223372036854775807')
    await userEvent.click(
      screen.getByRole('button', { name: /^snapshot 9223372036854775807 not in the log/, hidden: true }),
    )
    expect(picked).toEqual([{ snapshotId: '9223372036854775807' }])
    await userEvent.type(field, 'x')
    expect(screen.getByText(/^No branch, tag or snapshot matches/)).toBeTruthy()
  })

  it('shows a tag as a tag', () => {
    renderInTable(<AsOfControl detail={SAMPLE_PAST} />)
    expect(document.querySelector('[data-icon]')?.getAttribute('data-icon')).toBe('tag')
  })
})

function answerOverview() {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === listTableClients) return NO_CLIENTS
    if (endpoint === listTableUses) return { uses: [], isTruncated: false, missingCatalogs: [] }
    if (endpoint === listSnapshots)
      return { mainSnapshotId: '13', totalCount: 0, ...UNFILTERED, snapshots: [], nextOffset: null }
    throw new AppError('file-missing', 'The manifest is gone.')
  })
}

it('shows the layout, the metadata file and the newest commits of then', async () => {
  answerOverview()
  renderInTable(<TableOverview />, { detail: SAMPLE_PAST })
  const about = screen.getByRole('region', { name: 'About' })
  expect(about.textContent).toContain('by day(date), unsorted')
  expect(screen.getByLabelText('State').textContent).toContain('Snapshots1')
  expect(within(about).getByText('1.json').title).toBe('file:///lake/demo/flights/metadata/1.json')
  expect(about.textContent).not.toContain('3.json')
  expect(about.textContent).toContain('Owner now')
  expect(screen.getByRole('heading', { name: 'Newest commits at that time' })).toBeTruthy()
  await waitFor(() =>
    expect(call.mock.calls.map(([, input]) => input)).toContainEqual(expect.objectContaining({ upTo: '11' })),
  )
})

it('says why the layout of then is not known', () => {
  answerOverview()
  const shownMetadataProblem = 'The metadata file of that time is gone.'
  const detail = { ...SAMPLE_PAST, partitionedBy: null, sortedBy: null, shownMetadata: null, shownMetadataProblem }
  renderInTable(<TableOverview />, { detail })
  expect(screen.getAllByTitle(shownMetadataProblem).length).toBeGreaterThan(3)
})

it('says when main moved apart from the time of the snapshot that a rollback led to', () => {
  const [committedAtMs, rolledBackMs] = [Date.now() - 600_000, Date.now() - 180_000]
  const detail = {
    ...SAMPLE_DETAIL,
    shown: { ...SAMPLE_DETAIL.shown, snapshotId: '12', committedAtMs },
    timeline: [...SAMPLE_DETAIL.timeline, { snapshotId: '12', committedAtMs: rolledBackMs, isTagged: false }],
  }
  renderInTable(<TableHeader table={SAMPLE_IDENTIFIER} detail={detail} figures="shown" />)
  expect(screen.getByRole('banner').textContent).toContain('last snapshot10 min agomain moved3 min ago')
})
