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

it('The name is typed again when the action was refused because its object changed', async () => {
  const confirm = (conflict: Error | null) => (
    <DangerConfirm name="x" action="Roll back" conflict={conflict} onConfirm={() => {}} />
  )
  const { rerender } = render(confirm(null))
  const field = screen.getByRole('textbox', { name: 'Type x to confirm' })
  await userEvent.type(field, 'x')
  const button = screen.getByRole('button', { name: 'Roll back' })
  expect(button).toHaveProperty('disabled', false)
  const conflict = new Error('main was at 1 and is now at 2')
  rerender(confirm(conflict))
  expect(button).toHaveProperty('disabled', true)
  await userEvent.type(field, 'x')
  rerender(confirm(conflict))
  expect(button).toHaveProperty('disabled', false)
})
