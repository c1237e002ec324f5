// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { changeNamespaceProperties } from '@/lib/contract/lifecycle/namespaces'
import { getNamespace } from '@/lib/contract/namespaces'
import { AppError } from '@/lib/errors'
import type { Role } from '@/lib/permissions'
import { renderInTable } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { stubFonts } from '@/testing/components/stub-fonts'
import { NamespaceAboutPanel } from './namespace-about-panel'
import { NamespaceFrame } from './namespace-frame'

const call = stubApi()
stubFonts()

let properties: Record<string, string>
const change = vi.fn()

beforeEach(() => {
  properties = { comment: 'Trips of the lab', owner: 'lab team', location: 'file:///lake/demo' }
  change.mockReset().mockImplementation(({ changes }: { changes: { name: string; value: string | null }[] }) => {
    for (const { name, value } of changes) {
      if (value === null) delete properties[name]
      else properties[name] = value
    }
    return { auditId: 'a1' }
  })
  call.mockImplementation(async (endpoint: unknown, input: unknown) => {
    if (endpoint === getNamespace) return { properties: { ...properties }, location: null, openProposalCount: 0 }
    if (endpoint === changeNamespaceProperties) return change(input)
    throw new Error('unexpected call')
  })
})
afterEach(cleanup)

function renderPanel() {
  const onClose = vi.fn()
  renderInTable(<NamespaceAboutPanel catalog="local" namespace={['demo']} onClose={onClose} />)
  return onClose
}

const save = () => screen.getByRole('button', { name: 'Save' })

async function editDescription(text: string) {
  const description = await screen.findByLabelText('Description')
  await userEvent.clear(description)
  await userEvent.type(description, text)
}

it('saves what was edited, with the values that were shown, and shows it from then on', async () => {
  const onClose = renderPanel()
  expect(await screen.findByLabelText('Description')).toHaveProperty('value', 'Trips of the lab')
  expect(screen.getByLabelText('Owner')).toHaveProperty('value', 'lab team')
  expect(screen.getByRole('radio', { name: 'None' })).toHaveProperty('checked', true)
  expect(save()).toHaveProperty('disabled', true)

  await editDescription('Flights of the lab')
  await userEvent.clear(screen.getByLabelText('Owner'))
  await userEvent.type(screen.getByRole('combobox', { name: 'Tags' }), 'gold,trips,')
  await userEvent.click(screen.getByRole('radio', { name: 'Certified' }))
  await userEvent.type(screen.getByLabelText('Why others may rely on it'), 'checked every night')
  await userEvent.click(screen.getByRole('checkbox', { name: 'Protected' }))
  await userEvent.click(save())
  await waitFor(() => expect(onClose).toHaveBeenCalled())
  expect(change).toHaveBeenCalledExactlyOnceWith({
    catalog: 'local',
    namespace: ['demo'],
    changes: [
      { name: 'comment', base: 'Trips of the lab', value: 'Flights of the lab' },
      { name: 'owner', base: 'lab team', value: null },
      { name: 'lakeshore.tags', base: null, value: 'gold, trips' },
      { name: 'lakeshore.badge', base: null, value: 'certified' },
      { name: 'lakeshore.badge-reason', base: null, value: 'checked every night' },
      { name: 'lakeshore.protected', base: null, value: 'true' },
    ],
  })

  cleanup()
  renderPanel()
  expect(await screen.findByLabelText('Description')).toHaveProperty('value', 'Flights of the lab')
  expect(screen.getByLabelText('Owner')).toHaveProperty('value', '')
  expect(screen.getByText('gold')).toBeTruthy()
  expect(screen.getByText('trips')).toBeTruthy()
  expect(screen.getByRole('radio', { name: 'Certified' })).toHaveProperty('checked', true)
  expect(screen.getByLabelText('Why others may rely on it')).toHaveProperty('value', 'checked every night')
  expect(screen.getByRole('checkbox', { name: 'Protected' })).toHaveProperty('checked', true)
})

it('takes the reason away with the badge, and saves nothing that was typed back', async () => {
  properties = { 'lakeshore.badge': 'deprecated', 'lakeshore.badge-reason': 'use lab' }
  renderPanel()
  expect(await screen.findByLabelText('What to use in its place')).toHaveProperty('value', 'use lab')
  await userEvent.click(screen.getByRole('radio', { name: 'None' }))
  expect(screen.queryByLabelText('What to use in its place')).toBeNull()
  expect(save()).toHaveProperty('disabled', false)
  await userEvent.click(screen.getByRole('radio', { name: 'Deprecated' }))
  expect(save()).toHaveProperty('disabled', true)
  await userEvent.click(screen.getByRole('radio', { name: 'None' }))
  await userEvent.click(save())
  await waitFor(() => expect(properties).toEqual({}))
})

it('shows why a change is refused, and keeps what was typed', async () => {
  change.mockRejectedValue(new AppError('version-conflict', 'comment has changed since you opened it.'))
  const onClose = renderPanel()
  await editDescription('Flights of the lab')
  await userEvent.click(save())
  const { textContent } = await screen.findByRole('alert')
  expect(textContent).toContain('comment has changed since you opened it.')
  expect(textContent).toContain('No property was changed.')
  expect(screen.getByLabelText('Description')).toHaveProperty('value', 'Flights of the lab')
  expect(save()).toHaveProperty('disabled', false)
  expect(onClose).not.toHaveBeenCalled()
})

it('shows no form while the properties are unknown, and reads them again', async () => {
  const answer = call.getMockImplementation()
  let isRefused = true
  call.mockImplementation(async (endpoint: unknown, input: unknown) => {
    if (endpoint !== getNamespace || !isRefused) return answer?.(endpoint, input)
    isRefused = false
    throw new AppError('forbidden', 'The catalog refused the request.')
  })
  renderPanel()
  expect((await screen.findByRole('alert')).textContent).toContain('The catalog refused the request.')
  expect(screen.queryByLabelText('Description')).toBeNull()
  await userEvent.click(screen.getByRole('button', { name: /retry|again/i }))
  expect(await screen.findByLabelText('Description')).toHaveProperty('value', 'Trips of the lab')
})

function renderPage(role: Role) {
  const page = (
    <NamespaceFrame catalog="local" namespace={['demo']}>
      <p>The tables</p>
    </NamespaceFrame>
  )
  renderInTable(page, { role, search: '?action=about' })
}

it('opens the form by its address for an editor', async () => {
  renderPage('editor')
  expect(await screen.findByLabelText('Description')).toBeTruthy()
})

it('opens no form by its address for a viewer, and reads nothing', () => {
  renderPage('viewer')
  expect(screen.getByText('The tables')).toBeTruthy()
  expect(screen.queryByRole('complementary', { name: 'About this namespace' })).toBeNull()
  expect(call).not.toHaveBeenCalled()
})
