// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test } from 'vitest'
import { render } from '@/testing/components/render'
import { LazyFullTextTooltip } from './lazy-full-text-tooltip'

const NAME = 'ux.customer_lifetime_value_daily_snapshot_v2'

afterEach(cleanup)

/** happy-dom has no layout: texts of more than ten letters are cut. */
function renderLinks() {
  render(
    <>
      <a href="#long" style={{ textOverflow: 'ellipsis' }}>
        {NAME}
      </a>
      <a href="#titled" style={{ textOverflow: 'ellipsis' }} title="a long name with a title">
        a long name with a title
      </a>
      <a href="#short" style={{ textOverflow: 'ellipsis' }}>
        short
      </a>
      <LazyFullTextTooltip />
    </>,
  )
  for (const link of screen.getAllByRole('link')) {
    Object.defineProperty(link, 'scrollWidth', { value: link.textContent.length * 7 })
    Object.defineProperty(link, 'clientWidth', { value: 70 })
  }
}

const tooltip = () => screen.queryByRole('tooltip')?.textContent

test('A name that ends in an ellipsis is shown whole when the keyboard reaches it', async () => {
  renderLinks()
  await userEvent.tab()
  // Its code is loaded by this first event.
  await waitFor(() => expect(tooltip()).toBe(NAME))
  // The browser scrolls the focused element into view.
  act(() => void document.dispatchEvent(new Event('scroll')))
  expect(tooltip()).toBe(NAME)
  await userEvent.keyboard('{Escape}')
  expect(tooltip()).toBeUndefined()
  await userEvent.tab()
  expect(tooltip()).toBe('a long name with a title')
  await userEvent.tab()
  expect(tooltip()).toBeUndefined()
})

test('A name that ends in an ellipsis is shown whole under a finger or the mouse', async () => {
  renderLinks()
  fireEvent.pointerOver(screen.getByRole('link', { name: NAME }), { pointerType: 'touch' })
  await waitFor(() => expect(tooltip()).toBe(NAME))
  act(() => void document.dispatchEvent(new Event('scroll')))
  await waitFor(() => expect(tooltip()).toBeUndefined())
  fireEvent.pointerOver(screen.getByRole('link', { name: NAME }), { pointerType: 'mouse' })
  expect(tooltip()).toBe(NAME)
})

test('The browser’s own tooltip is not repeated', async () => {
  renderLinks()
  fireEvent.pointerOver(screen.getByRole('link', { name: NAME }), { pointerType: 'touch' })
  await waitFor(() => expect(tooltip()).toBe(NAME))
  fireEvent.pointerOver(screen.getByRole('link', { name: 'a long name with a title' }), { pointerType: 'mouse' })
  expect(tooltip()).toBeUndefined()
})

test('A panel that takes the focus does not show a name inside it, and its controls do', async () => {
  render(
    <>
      <section role="dialog" aria-label="Row 3" tabIndex={-1}>
        <button type="button">
          <span style={{ textOverflow: 'ellipsis' }}>{NAME}</span>
        </button>
      </section>
      <LazyFullTextTooltip />
    </>,
  )
  const name = screen.getByText(NAME)
  Object.defineProperty(name, 'scrollWidth', { value: 210 })
  Object.defineProperty(name, 'clientWidth', { value: 70 })
  act(() => screen.getByRole('button').focus())
  await waitFor(() => expect(tooltip()).toBe(NAME))
  act(() => screen.getByRole('dialog').focus())
  expect(tooltip()).toBeUndefined()
})

test('A name that is cut in the middle is shown whole', async () => {
  render(
    <>
      <a href="#cut" data-full-text={NAME}>
        <span style={{ textOverflow: 'ellipsis' }}>{NAME.slice(0, 30)}</span>
        <span>{NAME.slice(30)}</span>
      </a>
      <LazyFullTextTooltip />
    </>,
  )
  const start = screen.getByText(NAME.slice(0, 30))
  Object.defineProperty(start, 'scrollWidth', { value: 210 })
  Object.defineProperty(start, 'clientWidth', { value: 70 })
  await userEvent.tab()
  await waitFor(() => expect(tooltip()).toBe(NAME))
})

test('The whole of a text leaves out what is hidden at this width', async () => {
  render(
    <>
      <a href="#cell" style={{ textOverflow: 'ellipsis' }}>
        three<span style={{ display: 'none' }}>optional</span>
      </a>
      <LazyFullTextTooltip />
    </>,
  )
  const link = screen.getByRole('link')
  Object.defineProperty(link, 'scrollWidth', { value: 80 })
  Object.defineProperty(link, 'clientWidth', { value: 70 })
  await userEvent.tab()
  await waitFor(() => expect(tooltip()).toBe('three'))
})
