// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { EditField } from '@/components/table/schema/edit/edit-field'
import { renderInTable, SAMPLE_DETAIL, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { ChangeTray } from './change-tray'

const call = stubApi()

beforeEach(() => {
  call.mockImplementation(() => new Promise(() => undefined))
})
afterEach(() => {
  cleanup()
  localStorage.clear()
})

it('The tray offers no review while a field shows a value that it could not take', async () => {
  const table = JSON.stringify([SAMPLE_IDENTIFIER.catalog, 'demo', SAMPLE_IDENTIFIER.table])
  const key = JSON.stringify([SAMPLE_IDENTIFIER.catalog, SAMPLE_DETAIL.tableUuid])
  const intent = { kind: 'set-property', key: 'owner', value: 'bob', base: 'ada' }
  const changes = [{ target: 'property owner', area: 'settings', intent }]
  localStorage.setItem('lakeshore.pending.u1', JSON.stringify([{ key, table, changes }]))
  renderInTable(
    <>
      <EditField
        label="Default of x"
        value="7"
        onCommit={(text) => (/^\d+$/.test(text) ? null : `${text} is not a valid int.`)}
        onClose={() => {}}
      />
      <ChangeTray table={SAMPLE_IDENTIFIER} detail={SAMPLE_DETAIL} sidePanelHost={document.body} />
    </>,
  )
  const tray = screen.getByRole('region', { name: 'Pending changes' })
  const review = within(tray).getByRole('button', { name: 'Review' })
  const field = screen.getByRole('textbox', { name: 'Default of x' })
  expect(review).toHaveProperty('disabled', false)
  await userEvent.clear(field)
  await userEvent.type(field, 'abc')
  await userEvent.tab()
  expect(review).toHaveProperty('disabled', true)
  expect(tray.textContent).toContain('Default of x: correct the value first.')
  expect(within(tray).getByRole('button', { name: 'Discard' })).toHaveProperty('disabled', false)
  await userEvent.clear(field)
  await userEvent.type(field, '8')
  await userEvent.tab()
  expect(review).toHaveProperty('disabled', false)
})
