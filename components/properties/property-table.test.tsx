// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import type { PendingChanges } from '@/components/changes/pending-changes'
import { render } from '@/testing/components/render'
import { AddProperty } from './add-property'
import { propertyRows } from './property-rows'
import { PropertyTable } from './property-table'

afterEach(cleanup)

const KEY = 's3.secret-access-key'
const SHOWN = 'hidden (3f9a2c1b)'
const pending: PendingChanges = { intents: [], put: vi.fn(), drop: vi.fn(), clear: vi.fn() }

it('allows removing a secret, but not editing it', async () => {
  const rows = propertyRows({ [KEY]: SHOWN, team: 'ada' }, []).filter(({ group }) => group === 'free')
  render(<PropertyTable rows={rows} pending={pending} canChange emptyText="" />)
  screen.getByText(SHOWN)
  expect(screen.getByRole('textbox', { name: 'team' })).toHaveProperty('disabled', false)
  expect(screen.queryByRole('textbox', { name: KEY })).toBeNull()
  await userEvent.click(screen.getByRole('button', { name: `Remove ${KEY}` }))
  expect(pending.put).toHaveBeenCalledWith({ kind: 'remove-property', key: KEY, base: SHOWN })
})

it('refuses to add a secret', async () => {
  render(<AddProperty properties={{}} pending={pending} />)
  await userEvent.type(screen.getByRole('textbox', { name: 'Key' }), 'jdbc.password')
  expect(screen.getByRole('alert').textContent).toContain('jdbc.password would contain a secret')
  expect(screen.getByRole('button', { name: 'Add property' })).toHaveProperty('disabled', true)
})
