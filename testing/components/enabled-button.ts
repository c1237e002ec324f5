import { screen, waitFor } from '@testing-library/react'
import { expect } from 'vitest'

/** Waits until a button can be pressed. */
export function enabledButton(name: string): Promise<HTMLElement> {
  return waitFor(() => {
    const button = screen.getByRole('button', { name })
    expect(button).toHaveProperty('disabled', false)
    return button
  })
}
