// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { getChangePolicy } from '@/lib/contract/proposals'
import { renderInTable } from '@/testing/components/render-in-table'
import { ViewMenuItems } from './view-menu-items'

const call = vi.hoisted(() => vi.fn())
vi.mock('@/lib/api/call', () => ({ call }))
afterEach(cleanup)

it('says that a rename and a drop of a view need two people where a policy demands them', async () => {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === getChangePolicy) return { requiresProposal: true, demandedBy: ['demo'], enginesRefusedBy: null }
    throw new Error('unexpected call')
  })
  renderInTable(
    <ViewMenuItems
      view={{ catalog: 'local', namespace: ['demo'], view: 'busy_routes' }}
      offered={{ about: true, properties: true, rename: true, drop: true }}
      isProtected={false}
      onChoose={vi.fn()}
      opened
      onChange={vi.fn()}
    />,
    { role: 'editor' },
  )
  expect(await screen.findAllByText('needs two people', {}, { timeout: 4_000 })).toHaveLength(2)
})
