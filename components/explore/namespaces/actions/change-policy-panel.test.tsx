// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type CatalogEntry, listCatalogs } from '@/lib/contract/catalogs'
import { getChangePolicy, proposeNamespaceChange, setChangePolicy } from '@/lib/contract/proposals'
import { AppError } from '@/lib/errors'
import type { Role } from '@/lib/permissions'
import { renderInTable } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { enabledButton } from '@/testing/components/enabled-button'
import { SAMPLE_PROPOSAL } from '@/testing/contract/sample-proposal'
import { ChangePolicyPanel } from './change-policy-panel'

const call = stubApi()

const LOCAL: CatalogEntry = {
  name: 'local',
  kind: 'embedded',
  warehouse: 'file:///lake',
  namespaceCount: 1,
  abilities: [],
  problem: null,
}
let requiredBy: string[] | null
let enginesBlockedBy: string[] | null
const set = vi.fn()

beforeEach(() => {
  requiredBy = null
  enginesBlockedBy = null
  set.mockReset().mockResolvedValue({ requiresProposal: true, requiredBy: ['demo'], enginesBlockedBy: null })
  call.mockImplementation(async (endpoint: unknown, input: unknown) => {
    if (endpoint === getChangePolicy) return { requiresProposal: requiredBy !== null, requiredBy, enginesBlockedBy }
    if (endpoint === listCatalogs) return { catalogs: [LOCAL] }
    if (endpoint === setChangePolicy) return set(input)
    if (endpoint === proposeNamespaceChange)
      return {
        proposal: {
          ...SAMPLE_PROPOSAL,
          title: 'No longer require a second person for changes',
          action: { kind: 'relax-change-policy', requiresProposal: false },
        },
      }
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
  const choice = await screen.findByRole('switch', { name: /^Require a second person for changes/ })
  const engines = await screen.findByRole('switch', { name: /^Apply to engines as well/ })
  expect(engines).toHaveProperty('disabled', true)
  expect(screen.getByRole('button', { name: 'Save' })).toHaveProperty('disabled', true)
  await userEvent.click(choice)
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  await waitFor(() => expect(onClose).toHaveBeenCalled())
  const saved = { catalog: 'local', namespace: ['demo'], requiresProposal: true, includesEngines: false }
  expect(set).toHaveBeenCalledWith(saved)
})

it('lets an admin refuse commits of engines, too, and propose a weaker rule', async () => {
  requiredBy = ['demo']
  renderPanel('admin')
  const engines = await screen.findByRole('switch', { name: /^Apply to engines as well/ })
  await userEvent.click(engines)
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  await waitFor(() => expect(set.mock.lastCall?.[0]).toMatchObject({ includesEngines: true }))
  cleanup()
  enginesBlockedBy = ['demo']
  renderPanel('admin')
  await userEvent.click(await screen.findByRole('switch', { name: /^Require a second person for changes/ }))
  expect(await screen.findByText(/The policy demands two people for this, too/)).toBeTruthy()
  expect(screen.getByText('npm run lakeshore -- policy off demo --catalog local')).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Save' })).toHaveProperty('disabled', true)
  await userEvent.click(await enabledButton('Propose…'))
  expect(screen.getByRole('textbox', { name: 'Title' })).toHaveProperty(
    'value',
    'No longer require a second person for changes',
  )
  await userEvent.click(await enabledButton('Propose'))
  expect(await screen.findByRole('link', { name: /second person/ })).toBeTruthy()
  expect(call.mock.calls.find(([endpoint]) => endpoint === proposeNamespaceChange)?.[1]).toMatchObject({
    action: { kind: 'relax-change-policy', requiresProposal: false },
  })
})

it('says what was not changed when it fails', async () => {
  set.mockRejectedValue(new AppError('forbidden', 'This needs the permission console:admin.'))
  const onClose = renderPanel('admin')
  await userEvent.click(await screen.findByRole('switch', { name: /^Require a second person/ }))
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  expect((await screen.findByRole('alert')).textContent).toContain('The policy was not changed.')
  expect(onClose).not.toHaveBeenCalled()
})

it('shows the policy to others, who cannot change it', async () => {
  requiredBy = ['demo']
  renderPanel('editor')
  expect(await screen.findByText(/^Changes of tables and views require a second person: one user/)).toBeTruthy()
  expect(screen.queryByRole('switch')).toBeNull()
  expect(screen.getByText('Only admins can change it.')).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Save' })).toBeNull()
})

it('names the namespace around it that demands two people', async () => {
  requiredBy = ['company']
  renderPanel('admin')
  expect(await screen.findByRole('link', { name: 'company' })).toHaveProperty(
    'href',
    expect.stringContaining('/namespaces/company?action=policy'),
  )
  expect(screen.queryByRole('switch')).toBeNull()
})
