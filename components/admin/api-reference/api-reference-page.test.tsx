// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { NuqsTestingAdapter } from 'nuqs/adapters/testing'
import { afterEach, expect, test } from 'vitest'
import { toApiReference } from '@/lib/contract/description/api-reference'
import { ENDPOINTS } from '@/lib/contract/endpoints'
import { render } from '@/testing/components/render'
import { ApiReferencePage } from './api-reference-page'

const REFERENCE = toApiReference(ENDPOINTS)

afterEach(cleanup)

const renderPage = (searchParams = '') =>
  render(
    <NuqsTestingAdapter searchParams={searchParams} hasMemory>
      <ApiReferencePage reference={REFERENCE} />
    </NuqsTestingAdapter>,
  )

test('Every endpoint of the contract has an entry with its permission, response and a request', () => {
  const operations = REFERENCE.groups.flatMap((group) => group.operations)
  expect(operations.map(({ name }) => name).sort()).toEqual(ENDPOINTS.map(({ name }) => name).sort())
  for (const { description, response, example, path } of operations) {
    expect(description).toMatch(/Needs (the permission|a signed-in user|a session)/)
    expect(response).not.toBe('')
    expect(example === null || !example.includes('{') || example.includes(`-d '`), path).toBe(true)
  }
})

test('An operation shows its fields, their types and an example with curl and a token', () => {
  const undo = REFERENCE.groups
    .flatMap((group) => group.operations)
    .find(({ method, path }) => method === 'POST' && /history\/[^/]+\/undo$/.test(path))
  expect(undo?.fields.map(({ name, in: location, isRequired }) => [name, location, isRequired])).toEqual([
    ['catalog', 'path', true],
    ['namespace', 'path', true],
    ['table', 'path', true],
    ['auditId', 'path', true],
    ['confirmedName', 'body', false],
    ['safetyTag', 'body', false],
    ['idempotencyKey', 'body', false],
  ])
  expect(undo?.response).toBe(
    '{\n  auditId: string\n  metadataLocation: string\n  snapshotId: string /* ^-?\\d{1,19}$ */ | null\n}',
  )
  expect(undo?.example).toContain(
    'curl -X POST "$LAKESHORE/api/v1/catalogs/local/namespaces/demo/tables/flights/history/AUDITID/undo" \\\n  -H "Authorization: Bearer $TOKEN"',
  )
})

test('The search finds operations by path and field, and says when nothing matches', async () => {
  renderPage()
  const field = screen.getByRole('searchbox', { name: 'Find an operation, a shape or an error' })
  await userEvent.type(field, 'undo post')
  const panel = screen.getByRole('region', { name: 'history' })
  expect(within(panel).getAllByRole('group')).toHaveLength(1)
  expect(screen.queryByRole('region', { name: 'tokens' })).toBeNull()
  await userEvent.click(within(panel).getByText(/^Reverts an audited action/))
  expect(screen.getByRole('table', { name: 'Fields of undoAction' }).textContent).toContain('confirmedName')
  const example = screen.getByRole('region', { name: 'Example of undoAction' })
  expect(example.textContent).toContain('Authorization: Bearer $TOKEN')
  await userEvent.clear(field)
  await userEvent.type(field, 'zzzz')
  expect(screen.getByText(/No operation, shape or error matches “zzzz”/)).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Clear filter' }))
  expect(screen.getByRole('region', { name: 'tokens' })).toBeTruthy()
})

test('The search is in the address', () => {
  renderPage('?find=version-conflict')
  expect(screen.getByRole('table', { name: 'Errors' }).textContent).toContain('version-conflict')
  expect(screen.queryByRole('region', { name: 'tokens' })).toBeNull()
})

test('The examples use the address of this console', async () => {
  renderPage()
  const setup = screen.getByText(/export LAKESHORE=/)
  expect(setup.textContent).toContain(`export LAKESHORE=${window.location.origin} `)
  expect(setup.textContent).not.toContain('127.0.0.1:3000')
})
