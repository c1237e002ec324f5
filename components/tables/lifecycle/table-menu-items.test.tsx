// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { getChangePolicy } from '@/lib/contract/proposals'
import { renderInTable } from '@/testing/components/render-in-table'
import { TableMenuItems } from './table-menu-items'

const call = vi.hoisted(() => vi.fn())
vi.mock('@/lib/api/call', () => ({ call }))
vi.mock('next/navigation', () => ({ useRouter: () => ({ push: vi.fn() }) }))
afterEach(cleanup)

it('says that a rename and a drop need two people where a policy demands them', async () => {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === getChangePolicy) return { requiresProposal: true, demandedBy: ['demo'], enginesRefusedBy: null }
    throw new Error('unexpected call')
  })
  renderInTable(
    <TableMenuItems
      table={{ catalog: 'local', namespace: ['demo'], table: 'flights' }}
      offered={{ about: true, clone: true, rename: true, drop: true }}
      likeHref={null}
      isProtected={false}
      canSeeAccess={false}
      onChoose={vi.fn()}
      onRequest={null}
      opened
      onChange={vi.fn()}
    />,
    { role: 'editor' },
  )
  expect(await screen.findAllByText('needs two people', {}, { timeout: 4_000 })).toHaveLength(2)
})
