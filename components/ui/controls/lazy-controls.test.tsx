// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { Component, type ReactNode } from 'react'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { LazyMenu, type LoadedMenuProps } from './lazy-menu'
import { useIsCodeAwaited } from '@/components/ui/controls/use-is-code-awaited'
import { Tooltip } from './tooltip'

afterEach(cleanup)
afterEach(() => vi.unstubAllGlobals())

function AwaitedNote() {
  return useIsCodeAwaited() ? <p role="status">waiting</p> : null
}

class ErrorBoundary extends Component<{ children: ReactNode; onError: (error: unknown) => void }> {
  override state = { hasFailed: false }
  static getDerivedStateFromError() {
    return { hasFailed: true }
  }
  override componentDidCatch(error: unknown) {
    this.props.onError(error)
  }
  override render() {
    return this.state.hasFailed ? null : this.props.children
  }
}

function Choices({ opened, onChange, items }: LoadedMenuProps & { items: string[] }) {
  return opened ? (
    <div role="menu" tabIndex={-1} onMouseDown={() => onChange(false)}>
      {items.join(', ')}
    </div>
  ) : null
}

describe('A menu whose code is loaded when it is needed', () => {
  const renderMenu = () => {
    const load = vi.fn(async () => Choices)
    render(
      <LazyMenu button={<button type="button">Theme</button>} load={load} menuProps={{ items: ['Light', 'Dark'] }} />,
    )
    return load
  }

  test('loads nothing with the page', () => {
    expect(renderMenu()).not.toHaveBeenCalled()
    expect(screen.getByRole('button', { name: 'Theme' }).getAttribute('aria-expanded')).toBe('false')
  })

  test.each([
    ['Escape', () => userEvent.keyboard('{Escape}')],
    ['another focus', () => userEvent.tab()],
  ])('that was not there yet does not open after %s', async (_what, leave) => {
    const code = Promise.withResolvers<typeof Choices>()
    render(
      <>
        <LazyMenu
          button={<button type="button">Theme</button>}
          load={() => code.promise}
          menuProps={{ items: ['Light'] }}
        />
        <button type="button">Next</button>
      </>,
    )
    await userEvent.click(screen.getByRole('button', { name: 'Theme' }))
    await leave()
    await act(async () => code.resolve(Choices))
    expect(screen.queryByRole('menu')).toBeNull()
    await userEvent.click(screen.getByRole('button', { name: 'Theme' }))
    expect(await screen.findByRole('menu')).toBeTruthy()
  })

  test('is loaded when the pointer reaches the button, and opens with the click', async () => {
    const load = renderMenu()
    await userEvent.hover(screen.getByRole('button', { name: 'Theme' }))
    expect(load).toHaveBeenCalled()
    expect(screen.queryByRole('menu')).toBeNull()
    await userEvent.click(screen.getByRole('button', { name: 'Theme' }))
    expect((await screen.findByRole('menu')).textContent).toBe('Light, Dark')
    expect(screen.getByRole('button', { name: 'Theme' }).getAttribute('aria-expanded')).toBe('true')
  })

  test('opens by keyboard, and keeps the button that has the focus', async () => {
    renderMenu()
    await userEvent.tab()
    const button = screen.getByRole('button', { name: 'Theme' })
    await userEvent.keyboard('{Enter}')
    await screen.findByRole('menu')
    expect(document.activeElement).toBe(button)
  })

  test('waits while the server cannot be reached, and then opens', async () => {
    vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new TypeError('Failed to fetch')))
    const load = vi.fn(async () => Choices).mockRejectedValueOnce(new Error('Failed to load chunk'))
    render(
      <>
        <LazyMenu button={<button type="button">Theme</button>} load={load} menuProps={{ items: ['Light'] }} />
        <AwaitedNote />
      </>,
    )
    fireEvent.click(screen.getByRole('button', { name: 'Theme' }))
    expect((await screen.findByRole('status')).textContent).toBe('waiting')
    expect(screen.queryByRole('menu')).toBeNull()
    window.dispatchEvent(new Event('online'))
    await screen.findByRole('menu')
    expect(load).toHaveBeenCalledTimes(2)
    expect(screen.queryByRole('status')).toBeNull()
  })

  test('is an error of the page when the server answers and does not have the code', async () => {
    vi.stubGlobal('fetch', vi.fn().mockResolvedValue(new Response()))
    const load = vi.fn(async () => Choices).mockRejectedValue(new Error('Failed to load chunk'))
    const onError = vi.fn()
    render(
      <ErrorBoundary onError={onError}>
        <LazyMenu button={<button type="button">Theme</button>} load={load} menuProps={{ items: ['Light'] }} />
        <AwaitedNote />
      </ErrorBoundary>,
    )
    fireEvent.click(screen.getByRole('button', { name: 'Theme' }))
    await screen.findByRole('status')
    window.dispatchEvent(new Event('online'))
    await waitFor(() => expect(onError).toHaveBeenCalledWith(new Error('Failed to load chunk')))
    expect(load).toHaveBeenCalledTimes(2)
  })

  test('is closed by a second click', async () => {
    renderMenu()
    await userEvent.click(screen.getByRole('button', { name: 'Theme' }))
    await screen.findByRole('menu')
    await userEvent.click(screen.getByRole('button', { name: 'Theme' }))
    await waitFor(() => expect(screen.queryByRole('menu')).toBeNull())
  })
})

describe('A label', () => {
  test('is shown on hover and hidden afterwards', async () => {
    render(
      <Tooltip label="Copy the name">
        <button type="button">Copy</button>
      </Tooltip>,
    )
    await userEvent.hover(screen.getByRole('button'))
    expect((await screen.findByText('Copy the name')).getAttribute('role')).toBe('tooltip')
    await userEvent.unhover(screen.getByRole('button'))
    await waitFor(() => expect(screen.queryByText('Copy the name')).toBeNull())
  })

  test('is left out on wide pages if it repeats a text that only narrow ones hide', async () => {
    const page = { matches: false }
    vi.stubGlobal('matchMedia', () => Object.assign(new EventTarget(), page))
    onTestFinished(() => void vi.unstubAllGlobals())
    render(
      <Tooltip label="New branch here" isNarrowOnly>
        <button type="button">New branch</button>
      </Tooltip>,
    )
    await userEvent.tab()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(screen.queryByText('New branch here')).toBeNull()
    await userEvent.tab()
    page.matches = true
    await userEvent.tab()
    expect(await screen.findByText('New branch here')).toBeTruthy()
  })

  test('keeps what the control itself does', async () => {
    const onFocus = vi.fn()
    render(
      <Tooltip label="Copy the name">
        <button type="button" onFocus={onFocus}>
          Copy
        </button>
      </Tooltip>,
    )
    await userEvent.tab()
    expect(onFocus).toHaveBeenCalledOnce()
  })
})
