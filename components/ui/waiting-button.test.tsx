// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { render } from './render'
import { WaitingButton } from './waiting-button'

afterEach(cleanup)

const shown = (loading: boolean) => (
  <>
    <WaitingButton loading={loading}>Test</WaitingButton>
    <input aria-label="elsewhere" />
  </>
)

it('has the focus again that the browser took from it while it waited', () => {
  const { rerender } = render(shown(false))
  const button = screen.getByRole('button')
  button.focus()
  rerender(shown(true))
  expect(button).toHaveProperty('disabled', true)
  button.blur() // as browsers do with what is disabled
  rerender(shown(false))
  expect(document.activeElement).toBe(button)
})

it('leaves the focus where the person took it', () => {
  const { rerender } = render(shown(false))
  screen.getByRole('button').focus()
  rerender(shown(true))
  const elsewhere = screen.getByRole('textbox', { name: 'elsewhere' })
  elsewhere.focus()
  rerender(shown(false))
  expect(document.activeElement).toBe(elsewhere)
})

it('takes no focus that it did not have', () => {
  const { rerender } = render(shown(true))
  rerender(shown(false))
  expect(document.activeElement).toBe(document.body)
})
