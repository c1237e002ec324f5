// @vitest-environment happy-dom
import { act, cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, expect, it, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { keepFocusNearby } from './keep-focus-nearby'

afterEach(cleanup)

const focusedName = () => document.activeElement?.textContent

/** Waits for the code that the first focus loads. */
async function focusOn(name: string): Promise<void> {
  screen.getByText(name).focus()
  await vi.dynamicImportSettled()
}

/** Fields that can be removed, and added while there are fewer than three. */
function Fields() {
  const [names, setNames] = useState(['a', 'b', 'c'])
  const [isOpen, setOpen] = useState(true)
  return (
    <main tabIndex={-1}>
      {isOpen && (
        <section ref={keepFocusNearby}>
          {names.map((name) => (
            <button key={name} onClick={() => setNames(names.filter((other) => other !== name))}>
              Remove {name}
            </button>
          ))}
          <button disabled={names.length >= 3} onClick={() => setNames([...names, 'd'])}>
            Add
          </button>
          <button onClick={() => setOpen(false)}>Discard</button>
        </section>
      )}
    </main>
  )
}

it('moves the focus to what comes after the removed control', async () => {
  const user = userEvent.setup()
  render(<Fields />)
  await focusOn('Remove b')
  await user.keyboard('{Enter}')
  await waitFor(() => expect(focusedName()).toBe('Remove c'))
  await user.keyboard('{Enter}')
  await waitFor(() => expect(focusedName()).toBe('Add'))
})

it('moves the focus to what comes after a control that is disabled', async () => {
  const user = userEvent.setup()
  render(<Fields />)
  await user.click(screen.getByText('Remove a'))
  await focusOn('Add')
  await user.keyboard('{Enter}')
  expect(screen.getByText('Add').matches(':disabled')).toBe(true)
  await waitFor(() => expect(focusedName()).toBe('Discard'))
})

it('leaves the focus where the user has moved it', async () => {
  const user = userEvent.setup()
  render(<Fields />)
  await focusOn('Remove a')
  await focusOn('Discard')
  await user.click(screen.getByText('Remove c'))
  await focusOn('Discard')
  await new Promise(requestAnimationFrame)
  expect(focusedName()).toBe('Discard')
})

it('follows the focus through a menu, but not to other parts of the page', async () => {
  render(
    <>
      <Fields />
      <div role="menu">
        <button>Item</button>
      </div>
      <button>Elsewhere</button>
    </>,
  )
  await focusOn('Remove a')
  await focusOn('Item')
  screen.getByText('Item').blur()
  act(() => screen.getByText('Remove a').click())
  await waitFor(() => expect(focusedName()).toBe('Remove b'))

  await focusOn('Elsewhere')
  screen.getByText('Elsewhere').blur()
  act(() => screen.getByText('Remove b').click())
  await new Promise(requestAnimationFrame)
  expect(document.activeElement).toBe(document.body)
})

it('follows the focus to a dialog, but not to another part of the dialog that it is in', async () => {
  render(
    <>
      <div role="dialog">
        <Fields />
        <button>Elsewhere</button>
      </div>
      <div role="dialog">
        <button>Confirm</button>
      </div>
    </>,
  )
  await focusOn('Remove a')
  await focusOn('Confirm')
  screen.getByText('Confirm').blur()
  act(() => screen.getByText('Remove a').click())
  await waitFor(() => expect(focusedName()).toBe('Remove b'))

  await focusOn('Elsewhere')
  screen.getByText('Elsewhere').blur()
  act(() => screen.getByText('Remove b').click())
  // The focus would move in the frame after the observer has seen the change.
  await new Promise(requestAnimationFrame)
  await new Promise(requestAnimationFrame)
  expect(document.activeElement).toBe(document.body)
})

it('moves the focus to what is around it when all of it is removed', async () => {
  const user = userEvent.setup()
  render(<Fields />)
  await focusOn('Discard')
  await user.keyboard('{Enter}')
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('main')))
})
