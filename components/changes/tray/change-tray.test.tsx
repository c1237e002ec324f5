// @vitest-environment happy-dom
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { renderInTable, SAMPLE_DETAIL, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { ChangeTray } from './change-tray'
import { EarlierChanges } from './earlier-changes'

const call = stubApi()

beforeEach(() => {
  call.mockImplementation(() => new Promise(() => undefined))
  const table = JSON.stringify([SAMPLE_IDENTIFIER.catalog, 'demo', SAMPLE_IDENTIFIER.table])
  const key = JSON.stringify([SAMPLE_IDENTIFIER.catalog, SAMPLE_DETAIL.tableUuid])
  const changes = ['owner', 'comment'].map((property) => ({
    target: `property ${property}`,
    area: 'settings',
    intent: { kind: 'set-property', key: property, value: 'bob', base: null },
  }))
  localStorage.setItem('lakeshore.pending.u1', JSON.stringify([{ key, table, changes }]))
})
afterEach(() => {
  cleanup()
  localStorage.clear()
})

const storedKeys = () => {
  const entries: { changes: { intent: { key: string } }[] }[] = JSON.parse(
    localStorage.getItem('lakeshore.pending.u1') ?? '[]',
  )
  return entries.flatMap(({ changes }) => changes.map(({ intent }) => intent.key))
}

const discard = async () => {
  renderInTable(<ChangeTray table={SAMPLE_IDENTIFIER} detail={SAMPLE_DETAIL} sidePanelHost={document.body} />)
  const tray = await screen.findByRole('region', { name: 'Pending changes' })
  await userEvent.click(within(tray).getByRole('button', { name: 'Discard' }))
  await screen.findByText('2 changes discarded.')
}

it('The tray brings discarded changes back, in their order', async () => {
  await discard()
  expect(storedKeys()).toEqual([])
  await userEvent.click(screen.getByRole('button', { name: 'Undo' }))
  expect((await screen.findByRole('region', { name: 'Pending changes' })).textContent).toContain('2 changes')
  await waitFor(() => expect(storedKeys()).toEqual(['owner', 'comment']))
  expect(screen.queryByText('2 changes discarded.')).toBeNull()
})

it('The tray forgets discarded changes when their notice is dismissed', async () => {
  await discard()
  await userEvent.click(screen.getByRole('button', { name: 'Dismiss' }))
  expect(screen.queryByRole('button', { name: 'Undo' })).toBeNull()
  expect(storedKeys()).toEqual([])
})

it('The tray names a column as it is called now, on its line and in its list', async () => {
  const table = JSON.stringify([SAMPLE_IDENTIFIER.catalog, 'demo', SAMPLE_IDENTIFIER.table])
  const key = JSON.stringify([SAMPLE_IDENTIFIER.catalog, SAMPLE_DETAIL.tableUuid])
  const intent = { kind: 'set-column-doc', fieldId: 2, column: ['v'], doc: 'text', base: null }
  const changes = [{ target: 'doc of 2', area: 'schema', intent }]
  localStorage.setItem('lakeshore.pending.u1', JSON.stringify([{ key, table, changes }]))
  const fields = [{ id: 2, name: 'val', required: false, type: 'string' as const }]
  const detail = { ...SAMPLE_DETAIL, schema: { schemaId: 1, identifierFieldIds: [], fields } }
  renderInTable(<ChangeTray table={SAMPLE_IDENTIFIER} detail={detail} sidePanelHost={document.body} />)
  expect(await screen.findByText('Describe val as text')).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'List the changes' }))
  expect((await screen.findByRole('list', { name: 'Schema' })).textContent).toContain('Describe val as')
})

const NEW_TABLE = { ...SAMPLE_DETAIL, tableUuid: '11111111-7284-442c-9aea-15fee620737c' }

it('The tray has no changes of an earlier table with the name, which are shown apart and can only be discarded', async () => {
  renderInTable(
    <>
      <EarlierChanges table={SAMPLE_IDENTIFIER} tableUuid={NEW_TABLE.tableUuid} />
      <ChangeTray table={SAMPLE_IDENTIFIER} detail={NEW_TABLE} sidePanelHost={document.body} />
    </>,
    { detail: NEW_TABLE },
  )
  const earlier = await screen.findByRole('region', { name: 'Changes for an earlier table' })
  expect(earlier.textContent).toContain('2 changes for an earlier table of this name')
  expect(screen.queryByRole('region', { name: 'Pending changes' })).toBeNull()
  expect(within(earlier).queryByRole('button', { name: 'Review' })).toBeNull()
  await userEvent.click(within(earlier).getByRole('button', { name: 'List the changes' }))
  expect(within(earlier).getAllByRole('listitem')).toHaveLength(2)
  await userEvent.click(within(earlier).getByRole('button', { name: 'Discard' }))
  expect(screen.queryByRole('region', { name: 'Changes for an earlier table' })).toBeNull()
  expect(storedKeys()).toEqual([])
})
