// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ChangeTray } from '@/components/changes/tray/change-tray'
import { renderInTable, SAMPLE_DETAIL, SAMPLE_IDENTIFIER, SAMPLE_PAST } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { SAMPLE_REVIEW } from '@/testing/components/sample-review'
import { listFiles } from '@/lib/contract/table/files'
import { reviewChanges } from '@/lib/contract/table/changes'
import { getChangePolicy } from '@/lib/contract/proposals'
import { TableSettings } from './table-settings'

const call = stubApi()

beforeEach(() => {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === listFiles)
      return {
        snapshotId: '13',
        files: [],
        totalCount: 0,
        totalBytes: 0,
        manifestCount: 0,
        manifestBytes: 0,
        searchedCount: 0,
        matchCount: 0,
        nextOffset: null,
      }
    if (endpoint === getChangePolicy) return { requiresProposal: false, requiredBy: null, enginesBlockedBy: null }
    throw new Error('unexpected call')
  })
})
afterEach(() => {
  cleanup()
  localStorage.clear()
})

it('The list of properties is read only while the page looks back, with the reason, and says that its values are the current ones', async () => {
  renderInTable(<TableSettings />, { detail: SAMPLE_PAST })
  await userEvent.click(screen.getByRole('button', { name: /^All/ }))
  expect(screen.getByText(/Editing is off while you look at another state/)).toBeTruthy()
  expect(screen.getByText('Properties have no history; these are current.')).toBeTruthy()
  const fields = within(screen.getByRole('table', { name: 'Properties' })).getAllByRole('textbox')
  expect(fields.every((field) => (field as HTMLInputElement).disabled)).toBe(true)
  expect(screen.queryByRole('button', { name: 'Add property' })).toBeNull()
  cleanup()
  renderInTable(<TableSettings />)
  expect(screen.queryByText(/Editing is off/)).toBeNull()
})

it('The list of properties commits no pending changes while the page looks back', async () => {
  const table = JSON.stringify([SAMPLE_IDENTIFIER.catalog, 'demo', SAMPLE_IDENTIFIER.table])
  const key = JSON.stringify([SAMPLE_IDENTIFIER.catalog, SAMPLE_DETAIL.tableUuid])
  const intent = { kind: 'set-property', key: 'owner', value: 'bob', base: 'ada' }
  const changes = [{ target: 'property owner', area: 'settings', intent }]
  localStorage.setItem('lakeshore.pending.u1', JSON.stringify([{ key, table, changes }]))
  const tray = (detail: typeof SAMPLE_DETAIL) => (
    <ChangeTray table={SAMPLE_IDENTIFIER} detail={detail} sidePanelHost={document.body} />
  )
  renderInTable(tray(SAMPLE_PAST), { detail: SAMPLE_PAST, search: '?review=true' })
  const pending = screen.getByRole('region', { name: 'Pending changes' })
  expect(within(pending).getByRole('button', { name: 'Review' })).toHaveProperty('disabled', true)
  expect(within(pending).getByRole('button', { name: 'Discard' })).toHaveProperty('disabled', true)
  expect(pending.textContent).toContain('Editing is off')
  expect(screen.queryByRole('complementary')).toBeNull()
  cleanup()
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === getChangePolicy) return { requiresProposal: false, requiredBy: null, enginesBlockedBy: null }
    if (endpoint === reviewChanges) return SAMPLE_REVIEW
    throw new Error('unexpected call')
  })
  renderInTable(tray(SAMPLE_DETAIL), { search: '?review=true' })
  expect(await screen.findByRole('complementary', { name: 'Review 1 change' })).toBeTruthy()
})
