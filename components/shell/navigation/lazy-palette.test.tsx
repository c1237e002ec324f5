// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { LazyPalette } from './lazy-palette'
import { palette } from './palette-store'
import { endTypedAhead } from './typed-ahead'

const onPageKey = vi.fn<(key: string) => void>()
const notePageKey = ({ key }: KeyboardEvent) => onPageKey(key)

beforeEach(() => {
  vi.stubGlobal('fetch', async () => Response.json({}))
  document.addEventListener('keydown', notePageKey)
})
afterEach(() => {
  act(() => palette.close())
  endTypedAhead()
  cleanup()
  document.removeEventListener('keydown', notePageKey)
  vi.unstubAllGlobals()
  onPageKey.mockReset()
})

/** Presses the keys of the palette and then others at once, while its code loads. */
function pressAtOnce(...keys: (string | KeyboardEventInit)[]) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  render(
    <QueryClientProvider client={client}>
      <LazyPalette onShortcuts={vi.fn()} onTimeZone={vi.fn()} />
    </QueryClientProvider>,
  )
  fireEvent.keyDown(document.body, { key: 'k', code: 'KeyK', ctrlKey: true })
  onPageKey.mockReset()
  for (const key of keys) fireEvent.keyDown(document.body, typeof key === 'string' ? { key } : key)
}

const field = () => screen.findByRole<HTMLInputElement>('textbox', { name: /^Find a table/ })

test('Letters typed while the palette loads arrive in its field, in order, and not in the page', async () => {
  pressAtOnce('f', 'l', 'x', 'Backspace', 'I', ' ', 'g', {
    key: '€',
    ctrlKey: true,
    altKey: true,
    modifierAltGraph: true,
  })
  await waitFor(async () => expect((await field()).value).toBe('flI g€'))
  expect(document.activeElement).toBe(await field())
  expect(onPageKey).not.toHaveBeenCalled()
  fireEvent.keyDown(await field(), { key: 'h' })
  expect(onPageKey.mock.calls).toEqual([['h']])
})

test('Shortcuts, keys of a composition and dead keys typed while the palette loads are left alone', async () => {
  const others = [{ key: 'c', ctrlKey: true }, { key: 'Dead' }, { key: 'a', isComposing: true }, { key: 'ArrowDown' }]
  pressAtOnce(...others, 'z')
  await waitFor(async () => expect((await field()).value).toBe('z'))
  expect(onPageKey.mock.calls.flat()).toEqual(['c', 'Dead', 'a', 'ArrowDown'])
})

test('Escape while the palette loads cancels it with its letters', async () => {
  pressAtOnce('f', 'Escape')
  fireEvent.keyDown(document.body, { key: 'g' })
  expect(onPageKey.mock.calls.flat()).toEqual(['Escape', 'g'])
  await import('./command-palette')
  await act(() => new Promise((resolve) => setTimeout(resolve, 100)))
  expect(screen.queryByRole('dialog')).toBeNull()
})
