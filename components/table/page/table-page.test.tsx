// @vitest-environment happy-dom
import { act, cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { useCanChange } from '@/components/table/frame/use-can-change'
import { useShownTable } from '@/components/table/frame/shown-table'
import { getTable, type TableDetail } from '@/lib/contract/table/tables'
import type { PendingOutcome } from '@/lib/client/table/pending-changes'
import { renderInTable, SAMPLE_DETAIL, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { AppError } from '@/lib/errors'
import { TablePage } from './table-page'

const STORAGE_KEY = 'lakeshore.pending.u1'
const call = stubApi()
let tip: TableDetail

beforeEach(() => {
  tip = SAMPLE_DETAIL
  call.mockImplementation((endpoint: unknown) => (endpoint === getTable ? tip : new Promise(() => undefined)))
})
afterEach(() => {
  cleanup()
  localStorage.clear()
})

const intent = { kind: 'set-property', key: 'owner', value: 'bob', base: null }
const CHANGES = [{ target: 'property owner', area: 'settings', intent }]

/** Stores an entry as a tab does; `ending`: another tab has ended the changes. */
async function storeEntry(changes: readonly unknown[], ending: object | null = null): Promise<void> {
  const key = JSON.stringify([SAMPLE_IDENTIFIER.catalog, SAMPLE_DETAIL.tableUuid])
  const table = JSON.stringify([SAMPLE_IDENTIFIER.catalog, 'demo', SAMPLE_IDENTIFIER.table])
  await act(async () => {
    localStorage.setItem(STORAGE_KEY, JSON.stringify([{ key, table, startedAt: null, changes, ending }]))
    window.dispatchEvent(new StorageEvent('storage', { key: STORAGE_KEY }))
  })
}

const endElsewhere = (outcome: PendingOutcome, endingId = 'e1') =>
  storeEntry([], { endingId, tabId: 'another tab', outcome })

function ShownOwner() {
  return <p>Owned by {useShownTable().detail.properties['owner']}</p>
}

function ChangeReason() {
  return <p>{useCanChange('table:write').reason}</p>
}

async function openPage(): Promise<void> {
  renderInTable(
    <TablePage table={SAMPLE_IDENTIFIER}>
      <ShownOwner />
    </TablePage>,
  )
  await screen.findByText('Owned by ada')
  await screen.findByRole('region', { name: 'Pending changes' })
}

it('A tab shows at once what another tab has committed, and says so until that is dismissed', async () => {
  await storeEntry(CHANGES)
  await openPage()
  tip = {
    ...SAMPLE_DETAIL,
    metadataLocation: 'file:///lake/demo/flights/metadata/4.json',
    properties: { owner: 'bob' },
  }
  await endElsewhere('committed')
  await screen.findByText('The changes were committed in another tab.')
  await screen.findByText('Owned by bob')
  expect(screen.queryByRole('region', { name: 'Pending changes' })).toBeNull()
  await userEvent.click(screen.getByRole('button', { name: 'Dismiss' }))
  expect(screen.queryByText('The changes were committed in another tab.')).toBeNull()
  await storeEntry(CHANGES)
  await screen.findByRole('region', { name: 'Pending changes' })
  await endElsewhere('discarded', 'e2')
  await screen.findByText('The changes were discarded in another tab.')
})

it.each([
  ['proposed', 'The changes were proposed in another tab. The table has not changed.'],
  ['discarded', 'The changes were discarded in another tab.'],
  ['removed', 'The changes were taken back in another tab.'],
] as const)('A tab says that another tab has %s the changes', async (outcome, sentence) => {
  await storeEntry(CHANGES)
  await openPage()
  const readCount = call.mock.calls.length
  await endElsewhere(outcome)
  await screen.findByText(sentence)
  expect(call.mock.calls).toHaveLength(readCount)
  expect(screen.getByText('Owned by ada')).toBeTruthy()
})

it('A review ends with the changes that another tab has ended: the next change does not open it', async () => {
  await storeEntry(CHANGES)
  const addresses: string[] = []
  renderInTable(<TablePage table={SAMPLE_IDENTIFIER}>a tab</TablePage>, {
    search: '?review=true',
    onUrlUpdate: ({ queryString }) => void addresses.push(queryString),
  })
  await screen.findByRole('complementary', { name: /^Review/ })
  await endElsewhere('discarded')
  await screen.findByText('The changes were discarded in another tab.')
  expect(addresses).toEqual([''])
  await storeEntry(CHANGES)
  await screen.findByRole('region', { name: 'Pending changes' })
  expect(screen.queryByRole('complementary', { name: /^Review/ })).toBeNull()
})

it('An action of the address that does not exist is said', async () => {
  renderInTable(<TablePage table={SAMPLE_IDENTIFIER}>a tab</TablePage>, { search: '?action=zz' })
  expect(await screen.findByText('“zz” in ?action= is not an action of this page. No panel is open.')).toBeTruthy()
})

it('A table whose files cannot be read says why above its metadata, and offers no change for the same reason', async () => {
  const detail = 'The table has format version 4, which is still a draft.'
  tip = { ...SAMPLE_DETAIL, formatVersion: 4, abilities: [], unreadable: { code: 'format-unsupported', detail } }
  renderInTable(
    <TablePage table={SAMPLE_IDENTIFIER}>
      <ShownOwner />
      <ChangeReason />
      <ProblemNote error={new AppError('format-unsupported', detail)} onRetry={() => undefined} />
      <ProblemNote error={new AppError('internal', 'Something else failed.')} />
    </TablePage>,
    { detail: tip },
  )
  await screen.findByText('Owned by ada')
  await waitFor(() => expect(screen.getAllByText(detail)).toHaveLength(2))
  expect(screen.getByText('Not shown, for the reason above.')).toBeTruthy()
  expect(screen.getByRole('alert').textContent).toContain('Something else failed.')
})
