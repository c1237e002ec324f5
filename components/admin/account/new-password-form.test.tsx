// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { NewPasswordForm } from './new-password-form'

const assign = vi.fn<(address: string | URL) => void>()
beforeEach(() => {
  vi.spyOn(window.location, 'assign').mockImplementation(assign)
})
afterEach(() => {
  cleanup()
  assign.mockReset()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

async function submitWith(response: () => Response) {
  const sent: unknown[] = []
  vi.stubGlobal('fetch', async (address: string, init: RequestInit = {}) => {
    sent.push([address, init.method, typeof init.body === 'string' ? JSON.parse(init.body) : null])
    return response()
  })
  render(<NewPasswordForm username="ada" next="/jobs" nonce="" />)
  await userEvent.type(screen.getByLabelText('Generated password'), 'the generated one')
  await userEvent.type(screen.getByLabelText('New password'), 'one of my own')
  await userEvent.click(screen.getByRole('button', { name: 'Change password' }))
  return sent
}

it('changes the password, then opens the requested page', async () => {
  const sent = await submitWith(() => Response.json({ endedSessionCount: 0 }))
  await waitFor(() => expect(assign).toHaveBeenCalledWith('/jobs'))
  expect(sent).toEqual([
    ['/api/v1/session/password', 'POST', { currentPassword: 'the generated one', newPassword: 'one of my own' }],
  ])
})

it('says that the generated password is the wrong one', async () => {
  const problem = { code: 'wrong-credentials', detail: '4 attempts are left.', facts: {}, requestId: 'r1' }
  await submitWith(() => Response.json(problem, { status: 401 }))
  const note = await screen.findByRole('alert')
  expect(note.textContent).toContain('The generated password is wrong')
  expect(note.textContent).not.toContain('Username')
})

it('says what is wrong with the new password, and stays', async () => {
  await submitWith(() =>
    Response.json(
      {
        code: 'invalid-request',
        detail: 'The new password is the same as the current one.',
        facts: {},
        requestId: 'r1',
      },
      { status: 400 },
    ),
  )
  const problem = await screen.findByRole('alert')
  expect(problem.textContent).toContain('The new password is the same as the current one.')
  expect(problem.textContent).toContain('Your password was not changed.')
  expect(assign).not.toHaveBeenCalled()
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Change password' }).disabled).toBe(false)
})
