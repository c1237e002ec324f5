// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { DangerConfirm } from './danger-confirm'
import { render } from '@/testing/components/render'

afterEach(cleanup)

it('The action is disabled until the full name is typed', async () => {
  const onConfirm = vi.fn()
  render(<DangerConfirm name="demo.flights" action="Roll back" onConfirm={onConfirm} onCancel={() => {}} />)
  const button = screen.getByRole('button', { name: 'Roll back' })
  const field = screen.getByRole('textbox', { name: 'Type demo.flights to confirm' })
  await userEvent.type(field, 'demo.flight')
  expect(button).toHaveProperty('disabled', true)
  await userEvent.keyboard('{Enter}')
  expect(onConfirm).not.toHaveBeenCalled()
  await userEvent.type(field, 's')
  await userEvent.click(button)
  expect(onConfirm).toHaveBeenCalledOnce()
})

it('The action can be cancelled', async () => {
  const onCancel = vi.fn()
  render(<DangerConfirm name="x" action="Roll back" onConfirm={() => {}} onCancel={onCancel} />)
  await userEvent.click(screen.getByRole('button', { name: 'Cancel' }))
  expect(onCancel).toHaveBeenCalledOnce()
})
