// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { getChangePolicy } from '@/lib/contract/proposals'
import { renderInTable } from '@/testing/components/render-in-table'
import { ViewEditPanel } from './view-edit-panel'

const call = vi.hoisted(() => vi.fn())
vi.mock('@/lib/api/call', () => ({ call }))
afterEach(cleanup)

it('says before anything is typed that nobody changes a view alone where a policy demands two people', async () => {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === getChangePolicy) return { requiresProposal: true, demandedBy: ['demo'], enginesRefusedBy: null }
    throw new Error('unexpected call')
  })
  renderInTable(
    <ViewEditPanel
      view={{ catalog: 'local', namespace: ['demo'], view: 'busy_routes' }}
      title="Properties"
      action="Save"
      edit={null}
      onClose={vi.fn()}
      onDone={vi.fn()}
    >
      <p>The fields</p>
    </ViewEditPanel>,
    { role: 'editor' },
  )
  const reason =
    'Changes of tables in demo need two people. A change of a view cannot be proposed. An admin can change the policy of demo.'
  expect(await screen.findByText(reason, {}, { timeout: 4_000 })).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Save' })).toHaveProperty('disabled', true)
})
