// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it } from 'vitest'
import { listDroppedTables, restoreTable, reviewRestore } from '@/lib/contract/lifecycle/tables'
import { AppError } from '@/lib/errors'
import { renderInTable } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { DroppedTablesPanel } from './dropped-tables-panel'

const call = stubApi()
afterEach(cleanup)

const DROPPED = {
  auditId: 'a1',
  kind: 'table' as const,
  table: 'flights',
  droppedAtMs: 1,
  actor: 'ada',
  metadataLocation: 'file:///lake/demo/flights/metadata/3.json',
  purgeAtMs: null,
  isNameTaken: false,
}
const TAKEN = 'There is already a table or view demo.airports.'

it('A name that is taken is reported while it is typed, and not sent', async () => {
  call.mockImplementation((endpoint: unknown, { name }: { name?: string }) => {
    if (endpoint === listDroppedTables) return { tables: [DROPPED], isTruncated: false }
    if (endpoint === reviewRestore) return { nameProblem: name === 'airports' ? TAKEN : null }
    if (endpoint === restoreTable) throw new AppError('already-exists', `${TAKEN} Choose another name.`)
    return new Promise(() => undefined)
  })
  renderInTable(<DroppedTablesPanel catalog="local" namespace={['demo']} onClose={() => undefined} />)
  const field = await screen.findByRole('textbox', { name: 'Restore as' })
  const button = screen.getByRole('button', { name: 'Restore flights' })
  await userEvent.clear(field)
  await userEvent.type(field, 'airports')
  await screen.findByText(TAKEN)
  expect(button).toHaveProperty('disabled', true)
  await userEvent.type(field, '{Enter}')
  expect(call.mock.calls.filter(([endpoint]) => endpoint === restoreTable)).toEqual([])
  // Another user can take the name after the review.
  await userEvent.type(field, '_2')
  expect(screen.queryByText(TAKEN)).toBeNull()
  await waitFor(() => expect(button).toHaveProperty('disabled', false))
  await userEvent.click(button)
  expect((await screen.findByRole('alert')).textContent).toMatch(
    /Choose another name\.The table was not restored\.request r1$/,
  )
})
