// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import type { QueryCost } from '@/lib/query/engine'
import { render } from '@/testing/components/render'
import { EngineChoice } from './engine-choice'

afterEach(cleanup)

const GIB = 1024 ** 3
const SERVER = { maxLoadBytes: 8 * GIB, maxSeconds: 300 }
const COST: QueryCost = {
  statementNumber: 1,
  statementCount: 1,
  columns: 1,
  totalColumns: 1,
  cachedColumns: 0,
  readBytes: 1,
  totalBytes: 1,
  decodedBytes: 3 * GIB,
  files: 1,
  totalFiles: 1,
  isFiltered: false,
  isFirstRowsOnly: false,
  isEstimate: true,
}

test('The user chooses where the query runs, and sees the limits and what the query needs of them', async () => {
  const user = userEvent.setup()
  const onChange = vi.fn()
  render(<EngineChoice engine="browser" server={SERVER} cost={COST} onChange={onChange} />)
  const field = screen.getByRole('combobox', { name: 'Engine' })
  expect((field as HTMLInputElement).value).toBe('Browser')
  await user.click(field)
  const server = await screen.findByRole('option', { name: /^Server/ })
  expect(server.textContent).toContain('up to 8.00 GiB')
  expect(server.textContent).toContain('This query needs ≈ 3.00 GiB.')
  expect(screen.getByRole('option', { name: /^Browser/ }).textContent).toContain('needs ≈ 3.00 GiB, which is more.')
  await user.click(server)
  expect(onChange).toHaveBeenCalledWith('server')
})

test('A query whose columns are loaded says so for the browser, and not for the server, which loads its own', async () => {
  const cost = { ...COST, decodedBytes: 0, cachedColumns: 1 }
  render(<EngineChoice engine="browser" server={SERVER} cost={cost} onChange={() => {}} />)
  await userEvent.click(screen.getByRole('combobox', { name: 'Engine' }))
  const option = await screen.findByRole('option', { name: /^Browser/ })
  expect(option.textContent).toContain('All needed columns are already loaded.')
  expect(screen.getByRole('option', { name: /^Server/ }).textContent).not.toContain('loaded.')
})

test('A query of a table without rows needs none of the memory, and has nothing loaded', async () => {
  render(<EngineChoice engine="browser" server={SERVER} cost={{ ...COST, decodedBytes: 0 }} onChange={() => {}} />)
  await userEvent.click(screen.getByRole('combobox', { name: 'Engine' }))
  expect((await screen.findByRole('option', { name: /^Browser/ })).textContent).toContain('This query needs none.')
})

test('Without queries on the server there is no choice', () => {
  render(<EngineChoice engine="browser" server={null} cost={null} onChange={() => {}} />)
  expect(screen.queryByRole('combobox')).toBeNull()
  expect(screen.getByText('Browser')).toBeTruthy()
})
