// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test } from 'vitest'
import { keys } from '@/lib/client/keys'
import type { Endpoint } from '@/lib/contract/endpoint'
import {
  type Favourite,
  listShortcuts,
  recordVisit,
  setFavourite,
  type Shortcuts,
  type VisitedEntry,
} from '@/lib/contract/shortcuts'
import { AppError } from '@/lib/errors'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import { EntryStar } from './entry-star'

const call = stubApi()
afterEach(cleanup)

const ENTRY = { kind: 'table', catalog: 'local', namespace: ['demo'], name: 'flights' } as const

function show(favourites: Favourite[], onSet: (isFavourite: boolean) => void) {
  const stored = [...favourites]
  call.mockImplementation((endpoint: Endpoint, input: { isFavourite: boolean }) => {
    if (endpoint === listShortcuts) return { favourites: stored, visits: [] }
    if (endpoint === setFavourite) {
      onSet(input.isFavourite)
      stored.splice(0, stored.length, ...(input.isFavourite ? [{ ...ENTRY, isDropped: false }] : []))
    }
    return {}
  })
  return render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <EntryStar entry={ENTRY} uuid="u1" />
    </QueryClientProvider>,
  )
}
const star = () => screen.getByRole('button', { name: 'Favourite' })
const isPressed = (pressed: boolean) => waitFor(() => expect(star().getAttribute('aria-pressed')).toBe(String(pressed)))

test('The star of a table adds it to the favourites, and removes it', async () => {
  show([], () => undefined)
  await isPressed(false)
  await userEvent.click(star())
  await isPressed(true)
  expect(call).toHaveBeenCalledWith(setFavourite, { target: ENTRY, isFavourite: true })
  await userEvent.click(star())
  await isPressed(false)
  expect(call).toHaveBeenCalledWith(setFavourite, { target: ENTRY, isFavourite: false })
})

test('The star of a new table is not pressed because of a dropped one of the same name', async () => {
  show([{ ...ENTRY, isDropped: true }], () => undefined)
  await waitFor(() => expect(call).toHaveBeenCalledWith(listShortcuts, {}))
  await isPressed(false)
})

test('A refusal is shown next to the star, which stays as it is stored', async () => {
  show([], () => {
    throw new AppError('invalid-request', 'A user has at most 200 favourites. Remove some of them first.')
  })
  await userEvent.click(star())
  expect((await screen.findByRole('alert')).textContent).toContain('at most 200 favourites')
  await isPressed(false)
})

function visit(visits: VisitedEntry[]) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity } } })
  client.setQueryData(keys.shortcuts(), { favourites: [], visits })
  const draw = () => (
    <QueryClientProvider client={client}>
      <EntryStar entry={{ ...ENTRY, namespace: ['demo'] }} uuid="u1" />
    </QueryClientProvider>
  )
  const { rerender } = render(draw())
  return { redraw: () => rerender(draw()), visits: () => client.getQueryData<Shortcuts>(keys.shortcuts())?.visits }
}

test('The page of a table is recorded as visited once, however often it is drawn, and is the newest visit then', async () => {
  call.mockImplementation(() => ({}))
  const other = { ...ENTRY, name: 'airports' }
  const { redraw, visits } = visit([other, ENTRY])
  await waitFor(() => expect(visits()).toEqual([ENTRY, other]))
  redraw()
  expect(call.mock.calls).toEqual([[recordVisit, { ...ENTRY, uuid: 'u1' }]])
})

test('A visit that is refused leaves the list as it is', async () => {
  call.mockImplementation(() => {
    throw new AppError('forbidden', 'You may not read it.')
  })
  const { visits } = visit([])
  await waitFor(() => expect(call).toHaveBeenCalledOnce())
  expect(visits()).toEqual([])
})
