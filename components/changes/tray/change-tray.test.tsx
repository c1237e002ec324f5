// @vitest-environment happy-dom
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { renderInTable, SAMPLE_DETAIL, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { ChangeTray } from './change-tray'

const call = stubApi()

beforeEach(() => {
  call.mockImplementation(() => new Promise(() => undefined))
  const table = JSON.stringify([SAMPLE_IDENTIFIER.catalog, 'demo', SAMPLE_IDENTIFIER.table])
  const changes = ['owner', 'comment'].map((key) => ({
    target: `property ${key}`,
    area: 'settings',
    intent: { kind: 'set-property', key, value: 'bob', base: null },
  }))
  localStorage.setItem('lakeshore.pending.u1', JSON.stringify([{ table, changes }]))
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
