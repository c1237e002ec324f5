// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import { render } from '@/testing/components/render'
import { Unloaded } from './unloaded'

afterEach(cleanup)

function renderQuery(query: { data?: unknown; error?: AppError }, className?: string) {
  const refetch = vi.fn(async () => null)
  render(
    <Unloaded
      query={{ data: undefined, error: null, refetch, ...query }}
      subject="The list of tokens"
      next="Look again."
      className={className}
      skeleton={[3, 2, 'Reading tokens']}
    />,
  )
  return refetch
}

it('shows a skeleton until the query has data', () => {
  renderQuery({})
  expect(screen.getByRole('status').textContent).toBe('Reading tokens')
})

it('shows nothing once the query has data', () => {
  renderQuery({ data: [] })
  expect(screen.queryByRole('status')).toBeNull()
  expect(screen.queryByRole('alert')).toBeNull()
})

it.each([[undefined], [['one']]])('shows the problem after a failure, with earlier data %j', async (data) => {
  const refetch = renderQuery({ data, error: new AppError('storage-unavailable', 'The store is away.') }, 'frame')
  const problem = screen.getByRole('alert')
  expect(problem.textContent).toContain('The list of tokens: The store is away.')
  expect(problem.textContent).toContain('Look again.')
  expect(problem.parentElement?.className).toBe('frame')
  expect(screen.queryByRole('status')).toBeNull()
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(refetch).toHaveBeenCalledOnce()
})
