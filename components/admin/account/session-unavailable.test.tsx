// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { SessionUnavailable } from './session-unavailable'

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

it('says what happened, offers a reload, and does not send the user to sign in', async () => {
  const reload = vi.spyOn(window.location, 'reload').mockImplementation(() => {})
  render(
    <SessionUnavailable
      problem={{
        type: '/problems/database-unavailable',
        title: 'Lakeshore’s database cannot be used',
        status: 503,
        detail: 'The database did not answer within 10 seconds.',
        requestId: 'request-1',
        code: 'database-unavailable',
        facts: { pauseSeconds: 2 },
      }}
    />,
  )
  const note = screen.getByRole('alert').textContent
  expect(note).toContain('Lakeshore’s database cannot be used')
  expect(note).toContain('within 10 seconds')
  expect(note).toContain('You stay signed in.')
  expect(note).toContain('request-1')
  expect(screen.queryByRole('link')).toBeNull()
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(reload).toHaveBeenCalledOnce()
})
