// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { WaitingButton } from './waiting-button'

afterEach(cleanup)

const buttonAndInput = (loading: boolean) => (
  <>
    <WaitingButton loading={loading}>Test</WaitingButton>
    <input aria-label="elsewhere" />
  </>
)

it('has the focus again that the browser took from it while it waited', () => {
  const { rerender } = render(buttonAndInput(false))
  const button = screen.getByRole('button')
  button.focus()
  rerender(buttonAndInput(true))
  expect(button).toHaveProperty('disabled', true)
  button.blur() // as browsers do with what is disabled
  rerender(buttonAndInput(false))
  expect(document.activeElement).toBe(button)
})

it('leaves the focus where the person took it', () => {
  const { rerender } = render(buttonAndInput(false))
  screen.getByRole('button').focus()
  rerender(buttonAndInput(true))
  const elsewhere = screen.getByRole('textbox', { name: 'elsewhere' })
  elsewhere.focus()
  rerender(buttonAndInput(false))
  expect(document.activeElement).toBe(elsewhere)
})

it('takes no focus that it did not have', () => {
  const { rerender } = render(buttonAndInput(true))
  rerender(buttonAndInput(false))
  expect(document.activeElement).toBe(document.body)
})
