// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { rowWorker } from '@/lib/client/rows/row-worker'
import { AppError } from '@/lib/errors'
import { renderInTable, SAMPLE_UNWRITTEN } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { TableRows } from './table-rows'
// Loaded when it is needed: here before a test waits for it.
import './unwritten-rows'

const answer = stubApi()
beforeEach(() => {
  // The grid draws what fits into its frame.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600)
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1200)
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

it('shows the columns of a table that was never written, and how to write it', async () => {
  const schema = {
    schemaId: 0,
    identifierFieldIds: [],
    fields: [{ id: 1, name: 'origin', type: 'string' as const, required: false }],
  }
  renderInTable(<TableRows />, { detail: { ...SAMPLE_UNWRITTEN, schema } })
  expect(await screen.findByRole('columnheader', { name: /origin/ })).toBeTruthy()
  expect(screen.getByText(/^No data yet/)).toBeTruthy()
  expect(screen.getByRole('link', { name: 'Connect an engine' }).getAttribute('href')).toContain(
    '/flights?connect=true',
  )
})

it('shows why no rows are read of a table whose reads the catalog restricts, in place of the grid', async () => {
  const detail = 'The catalog restricts which rows or columns of demo.flights may be read.'
  vi.spyOn(rowWorker, 'warmUp').mockReturnValue()
  answer.mockImplementation(async () => {
    throw new AppError('read-restricted', detail)
  })
  renderInTable(<TableRows />)
  const problem = await screen.findByRole('alert')
  expect(problem.textContent).toContain('The catalog restricts reads of this table')
  expect(problem.textContent).toContain(detail)
  expect(problem.textContent).toContain('Read it with an engine that applies the restrictions of the catalog.')
  expect(screen.queryByRole('grid')).toBeNull()
})
