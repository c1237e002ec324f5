// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { getChangePolicy, setChangePolicy } from '@/lib/contract/proposals'
import { AppError } from '@/lib/errors'
import type { Role } from '@/lib/permissions'
import { renderInTable } from '@/testing/components/render-in-table'
import { ChangePolicyPanel } from './change-policy-panel'

const call = vi.hoisted(() => vi.fn())
vi.mock('@/lib/api/call', () => ({ call }))

let demandedBy: string[] | null
const set = vi.fn()

beforeEach(() => {
  demandedBy = null
  set.mockReset().mockResolvedValue({ requiresProposal: true, demandedBy: ['demo'] })
  call.mockReset().mockImplementation(async (endpoint: unknown, input: unknown) => {
    if (endpoint === getChangePolicy) return { requiresProposal: demandedBy !== null, demandedBy }
    if (endpoint === setChangePolicy) return set(input)
    throw new Error('unexpected call')
  })
})
afterEach(cleanup)

function renderPanel(role: Role) {
  const onClose = vi.fn()
  renderInTable(<ChangePolicyPanel catalog="local" namespace={['demo']} onClose={onClose} />, { role })
  return onClose
}

it('lets an admin demand two people', async () => {
  const onClose = renderPanel('admin')
  const choice = await screen.findByRole('switch', { name: /^Changes of tables need two people/ })
  expect(screen.getByRole('button', { name: 'Save' })).toHaveProperty('disabled', true)
  await userEvent.click(choice)
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  await vi.waitFor(() => expect(onClose).toHaveBeenCalled())
  expect(set).toHaveBeenCalledWith({ catalog: 'local', namespace: ['demo'], requiresProposal: true })
})

it('says what was not changed when it fails', async () => {
  set.mockRejectedValue(new AppError('forbidden', 'This needs the permission console:admin.'))
  const onClose = renderPanel('admin')
  await userEvent.click(await screen.findByRole('switch'))
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  expect((await screen.findByRole('alert')).textContent).toContain('The policy was not changed.')
  expect(onClose).not.toHaveBeenCalled()
})

it('shows the policy to others, who cannot change it', async () => {
  demandedBy = ['demo']
  renderPanel('editor')
  expect(await screen.findByText(/^Changes of tables need two people: one user proposes/)).toBeTruthy()
  expect(screen.queryByRole('switch')).toBeNull()
  expect(screen.getByText('Only admins can change it.')).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Save' })).toBeNull()
})

it('names the namespace around it that demands two people', async () => {
  demandedBy = ['company']
  renderPanel('admin')
  expect(await screen.findByRole('link', { name: 'company' })).toHaveProperty(
    'href',
    expect.stringContaining('/namespaces/company?action=policy'),
  )
  expect(screen.queryByRole('switch')).toBeNull()
})
