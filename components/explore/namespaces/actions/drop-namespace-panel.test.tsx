// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { dropNamespace, type NamespaceDropReview, reviewNamespaceDrop } from '@/lib/contract/lifecycle/namespaces'
import { proposeNamespaceChange } from '@/lib/contract/proposals'
import type { Role } from '@/lib/permissions'
import { SAMPLE_PROPOSAL } from '@/testing/contract/sample-proposal'
import { renderInTable } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { DropNamespacePanel } from './drop-namespace-panel'

const call = stubApi()

const CONTENTS = [
  { namespace: ['demo'], tables: ['trips'], views: [] },
  { namespace: ['demo', 'old'], tables: ['fares'], views: ['busy'] },
]
let review: NamespaceDropReview

beforeEach(() => {
  review = { contents: CONTENTS, isTruncated: false, problems: [], policyBlockers: [], readers: [] }
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === reviewNamespaceDrop) return review
    if (endpoint === dropNamespace) return { auditId: 'a1' }
    if (endpoint === proposeNamespaceChange)
      return {
        proposal: {
          ...SAMPLE_PROPOSAL,
          title: 'Drop the namespace with all that is in it',
          action: { kind: 'drop-namespace' },
        },
      }
    throw new Error('unexpected call')
  })
})
afterEach(cleanup)

const renderPanel = () =>
  renderInTable(<DropNamespacePanel catalog="local" namespace={['demo']} onClose={vi.fn()} />, { role: 'editor' })

it('lists the namespaces that go with their tables and views, and drops these after the name was typed', async () => {
  renderPanel()
  const namesIn = async (list: string) =>
    [...(await screen.findByRole('list', { name: list })).children].map(({ textContent }) => textContent)
  expect(await namesIn('Tables to drop')).toEqual(['trips', 'old.fares'])
  expect(await namesIn('Views to drop')).toEqual(['old.busy'])
  expect(await namesIn('Namespaces to drop')).toEqual(['old'])
  const button = screen.getByRole('button', { name: 'Drop with 2 tables, 1 view, 1 namespace' })
  expect(button).toHaveProperty('disabled', true)
  await userEvent.type(screen.getByLabelText(/^Type/), 'demo')
  await userEvent.click(button)
  const sent = () => call.mock.calls.find(([endpoint]) => endpoint === dropNamespace)?.[1]
  await waitFor(() => expect(sent()).toBeDefined())
  expect(sent()).toEqual({
    catalog: 'local',
    namespace: ['demo'],
    confirmedName: 'demo',
    tables: ['trips'],
    views: [],
    namespaces: [CONTENTS[1]],
  })
})

it('A drop is proposed where changes of the contents need two people', async () => {
  const hold = 'Changes of tables and views in demo.old need two people. Propose it.'
  review = { ...review, policyBlockers: [hold] }
  const onClose = vi.fn()
  const renderAs = (role: Role) =>
    renderInTable(<DropNamespacePanel catalog="local" namespace={['demo']} onClose={onClose} />, { role })
  renderAs('editor')
  expect(await screen.findByText(hold)).toBeTruthy()
  expect(screen.queryByLabelText(/^Type/)).toBeNull()
  expect(screen.getByRole('button', { name: /^Drop with/ })).toHaveProperty('disabled', true)
  await userEvent.click(screen.getByRole('button', { name: 'Propose…' }))
  await userEvent.click(screen.getByRole('button', { name: 'Propose' }))
  const link = await screen.findByRole('link', { name: 'Drop the namespace with all that is in it' })
  expect(link).toHaveProperty('href', expect.stringMatching(/\/namespaces\/demo\/proposals\/p1$/))
  expect(call.mock.calls.find(([endpoint]) => endpoint === proposeNamespaceChange)?.[1]).toMatchObject({
    catalog: 'local',
    namespace: ['demo'],
    action: { kind: 'drop-namespace' },
  })
  // Closing the panel would change the address that the link leads to.
  await userEvent.click(link)
  expect(onClose).not.toHaveBeenCalled()
  await userEvent.click(screen.getByRole('button', { name: 'Dismiss' }))
  expect(onClose).toHaveBeenCalledOnce()
  cleanup()
  review = { ...review, policyBlockers: [] }
  renderAs('viewer')
  expect(await screen.findByText(/Another user can commit what you propose/)).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Propose…' })).toHaveProperty('disabled', false)
})

it('names what is known to use the contents, from outside the namespace', async () => {
  review = { ...review, readers: ['trips: Used by 1 view: reports.daily.'] }
  renderPanel()
  const uses = await screen.findByRole('list', { name: 'Known uses from outside' })
  expect(uses.textContent).toBe('trips: Used by 1 view: reports.daily.')
  expect(screen.getByLabelText(/^Type/)).toBeTruthy()
})

it('says what is in the way before the name is typed', async () => {
  review = {
    contents: CONTENTS,
    isTruncated: true,
    problems: ['Protected: old.fares.', 'There is more.'],
    policyBlockers: [],
    readers: [],
  }
  renderPanel()
  expect(await screen.findByText('Protected: old.fares.')).toBeTruthy()
  expect(screen.getByText('There is more.')).toBeTruthy()
  expect(screen.getByText('The namespace contains 2 tables, 1 view, 1 namespace, and more.')).toBeTruthy()
  expect(screen.queryByLabelText(/^Type/)).toBeNull()
  expect(screen.queryByRole('button', { name: /^Drop/ })).toBeNull()
})
