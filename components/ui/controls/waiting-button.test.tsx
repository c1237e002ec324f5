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

it('A waiting button gets the focus back that the browser took while it was disabled', () => {
  const { rerender } = render(buttonAndInput(false))
  const button = screen.getByRole('button')
  button.focus()
  rerender(buttonAndInput(true))
  expect(button).toHaveProperty('disabled', true)
  button.blur() // as browsers do with a disabled button
  rerender(buttonAndInput(false))
  expect(document.activeElement).toBe(button)
})

it('A waiting button does not take the focus when the user moved it elsewhere', () => {
  const { rerender } = render(buttonAndInput(false))
  screen.getByRole('button').focus()
  rerender(buttonAndInput(true))
  const elsewhere = screen.getByRole('textbox', { name: 'elsewhere' })
  elsewhere.focus()
  rerender(buttonAndInput(false))
  expect(document.activeElement).toBe(elsewhere)
})

it('A waiting button does not take the focus when it did not have it', () => {
  const { rerender } = render(buttonAndInput(true))
  rerender(buttonAndInput(false))
  expect(document.activeElement).toBe(document.body)
})
