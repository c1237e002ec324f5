// @vitest-environment happy-dom
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { PathnameContext, SearchParamsContext } from 'next/dist/shared/lib/hooks-client-context.shared-runtime'
import { NuqsAdapter } from 'nuqs/adapters/next/app'
import { startTransition, use, useState } from 'react'
import { afterEach, expect, it } from 'vitest'
import { commitChanges } from '@/lib/contract/table/changes'
import { previewRefMove, type RefMoveImpact } from '@/lib/contract/table/refs'
import { getChangePolicy } from '@/lib/contract/proposals'
import { listSnapshots } from '@/lib/contract/table/snapshots'
import { AppError } from '@/lib/errors'
import { renderInTable } from '@/testing/components/render-in-table'
import { listedSnapshot, UNFILTERED } from '@/testing/components/sample-snapshot'
import { stubApi } from '@/testing/components/stub-api'
import { SnapshotList } from './snapshot-list'

const call = stubApi()

const FIGURES = { now: 30, removed: 20, restored: 0, after: 10 }
const IMPACT: RefMoveImpact = {
  branch: 'main',
  type: 'branch',
  fromSnapshotId: '12',
  fromCommittedAtMs: 2_000,
  toSnapshotId: '11',
  toCommittedAtMs: 1_000,
  rows: FIGURES,
  dataFiles: FIGURES,
  deleteFiles: FIGURES,
  bytes: FIGURES,
  currentSchemaId: 0,
  targetSchemaId: 0,
  missingColumns: [],
  currentFilesProblem: null,
  removedSnapshotCount: 1,
  addedSnapshotCount: 0,
  otherRefs: [],
  unreferencedSnapshotIds: [],
  unreferencedExpireAtMs: null,
  request: { path: '/v1/x', body: '{}' },
}
const ROLL_BACK = { kind: 'roll-back', fromSnapshotId: '12', toSnapshotId: '11', safetyTag: null }

const ADDRESS = '?move=main&to=snapshot:11'

afterEach(() => {
  cleanup()
  history.replaceState(null, '', location.pathname)
})

it('A rollback that is done does not open again while the browser leaves for another page', async () => {
  const previews: object[] = []
  const sent = Promise.withResolvers<void>()
  let isDone = false
  call.mockImplementation(async (endpoint: unknown, input: object) => {
    if (endpoint === listSnapshots) {
      const snapshots = [
        listedSnapshot({ snapshotId: '12', parentSnapshotId: '11' }),
        listedSnapshot({ snapshotId: '11' }),
      ]
      return { ...UNFILTERED, mainSnapshotId: '12', totalCount: 2, snapshots, nextOffset: null }
    }
    if (endpoint === getChangePolicy) return { requiresProposal: false, requiredBy: null, enginesBlockedBy: null }
    if (endpoint === commitChanges) {
      await sent.promise
      isDone = true
      return { auditId: 'a1', metadataLocation: 'm' }
    }
    if (endpoint !== previewRefMove) return undefined
    previews.push(input)
    if (isDone) throw new AppError('invalid-request', 'main is at snapshot 11 already.')
    return { intent: ROLL_BACK, impact: IMPACT, needsConfirmation: true }
  })
  history.replaceState(null, '', ADDRESS)
  renderInTable(<Router />)

  const panel = await screen.findByRole('complementary', { name: 'Roll back main' })
  await userEvent.type(await within(panel).findByLabelText(/^Type/), 'demo.flights')
  const rollBack = within(panel).getByRole<HTMLButtonElement>('button', { name: 'Roll back' })
  await userEvent.click(rollBack)
  await waitFor(() => expect(rollBack.disabled).toBe(true))
  sent.resolve()
  await screen.findByText('main was rolled back.')
  await waitFor(() => expect(location.search).toBe(''))
  await userEvent.click(screen.getByRole('button', { name: 'Leave' }))
  await userEvent.click(screen.getByRole('button', { name: 'Filters' }))
  expect(screen.queryByRole('complementary')).toBeNull()
  expect(previews).toHaveLength(1)
})

const searchParams = new URLSearchParams(ADDRESS)

/** Renders the list as Next does until the next page has arrived: its search params are still those of `ADDRESS`. */
function Router() {
  const [pathname, setPathname] = useState('/snapshots')
  return (
    <PathnameContext value={pathname}>
      <SearchParamsContext value={searchParams}>
        <button type="button" onClick={() => startTransition(() => setPathname('/data'))}>
          Leave
        </button>
        <NuqsAdapter>{pathname === '/snapshots' ? <SnapshotList /> : <NextPage />}</NuqsAdapter>
      </SearchParamsContext>
    </PathnameContext>
  )
}

const NEVER = new Promise<never>(() => {})
function NextPage() {
  return use(NEVER)
}
