// @vitest-environment happy-dom
import { act, cleanup, renderHook } from '@testing-library/react'
import { signalSignOut } from '@/lib/client/session/sign-out-signal'
import { NuqsTestingAdapter } from 'nuqs/adapters/testing'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { useQueryLink } from '../saved/use-query-link'
import { useQueryTabs } from './use-query-tabs'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

/** @param values what a link brings with its text */
function renderTabs(first: string, userId: string | null = null, values: Readonly<Record<string, string>> = {}) {
  let address: Record<string, string> = { sql: first, ...values }
  /** The last query of the URL that the hook wrote. */
  let shown: Record<string, string> = {}
  setLocation(first)
  const onClosed = vi.fn()
  const wrapper = ({ children }: { children: ReactNode }) => (
    <NuqsTestingAdapter
      searchParams={address}
      hasMemory
      onUrlUpdate={({ searchParams }) => {
        shown = Object.fromEntries(searchParams)
        setLocation(searchParams.get('sql') ?? '')
      }}
    >
      {children}
    </NuqsTestingAdapter>
  )
  const hook = renderHook((user: string | null) => useQueryTabs(user, useQueryLink(), onClosed), {
    wrapper,
    initialProps: userId,
  })
  /** React gets the text. */
  const receive = async (sql: string, link: Readonly<Record<string, string>> = {}) => {
    address = { sql, ...link }
    hook.rerender(userId)
    await waitForAddress()
  }
  const follow = (sql: string, link: Readonly<Record<string, string>> = {}) => {
    setLocation(sql)
    return receive(sql, link)
  }
  const write = (sql: string) =>
    act(() => hook.result.current.change(hook.result.current.active.id, { sql, cursor: sql.length }))
  const texts = () => hook.result.current.tabs.map(({ sql }) => sql)
  const activeSql = () => hook.result.current.active.sql
  const addressed = () => shown
  return { hook, onClosed, addressed, follow, receive, write, texts, activeSql }
}

function setLocation(sql: string): void {
  window.history.replaceState(null, '', `/query?${new URLSearchParams({ sql }).toString()}`)
}

/** Waits until the URL contains the text. */
const waitForAddress = () => act(() => new Promise((resolve) => setTimeout(resolve, 20)))

it('starts with the text in the URL', () => {
  expect(renderTabs('select 1').hook.result.current.active).toMatchObject({ sql: 'select 1', cursor: 8 })
})

it('opens a followed link in a tab of its own, and shows the tab that has its text already', async () => {
  const { write, follow, texts, activeSql } = renderTabs('select 1')
  write('select 1, mine')
  await waitForAddress()
  await follow('select 2')
  expect(texts()).toEqual(['select 1, mine', 'select 2'])
  expect(activeSql()).toBe('select 2')
  await follow('select 1, mine')
  expect(texts()).toEqual(['select 1, mine', 'select 2'])
  expect(activeSql()).toBe('select 1, mine')
})

it('keeps the text while the user types, even if the URL lags behind', async () => {
  const { write, receive, texts } = renderTabs('a')
  write('ab')
  write('abc')
  await waitForAddress()
  await receive('ab')
  expect(texts()).toEqual(['abc'])
  await receive('')
  expect(texts()).toEqual(['abc'])
})

it('opens a link to a text that the user has changed since', async () => {
  const { write, follow, texts } = renderTabs('a')
  write('ab')
  await waitForAddress()
  write('abc')
  await waitForAddress()
  await follow('ab')
  expect(texts()).toEqual(['abc', 'ab'])
})

it('restores the tabs when the page opens again without a text, once the user is known', async () => {
  const first = renderTabs('', 'u1')
  first.write('select 1, mine')
  act(() => void first.hook.result.current.add({ sql: 'select 2' }))
  first.hook.unmount()
  const again = renderTabs('')
  expect(again.texts()).toEqual([''])
  again.hook.rerender('u1')
  expect(again.texts()).toEqual(['select 1, mine', 'select 2'])
  expect(again.activeSql()).toBe('select 2')
  expect(renderTabs('', 'u2').texts()).toEqual([''])
})

it('restores a text that is too long for the URL', () => {
  const long = `select ${'1, '.repeat(5000)}2`
  const first = renderTabs('', 'u1')
  first.write(long)
  first.hook.unmount()
  expect(renderTabs('', 'u1').activeSql()).toBe(long)
})

it('takes a text that the URL had when a reload began for the tab’s own', async () => {
  vi.spyOn(performance, 'timeOrigin', 'get').mockReturnValue(Date.now())
  const first = renderTabs('', 'u1')
  first.write('select 1')
  await waitForAddress()
  first.write('select 1, mine')
  await waitForAddress()
  window.dispatchEvent(new Event('pagehide'))
  first.hook.unmount()
  const again = renderTabs('select 1', 'u1')
  expect(again.texts()).toEqual(['select 1, mine'])
  await waitForAddress()
  window.dispatchEvent(new Event('pagehide'))
  again.hook.unmount()
  vi.spyOn(performance, 'timeOrigin', 'get').mockReturnValue(Date.now() + 60_000)
  expect(renderTabs('select 1', 'u1').texts()).toEqual(['select 1, mine', 'select 1'])
})

it('adds the text of a link to the stored tabs, and puts no second tab for a text that one has', () => {
  const first = renderTabs('', 'u1')
  first.write('select 1, mine')
  first.hook.unmount()
  const linked = renderTabs('select 2', 'u1')
  expect(linked.texts()).toEqual(['select 1, mine', 'select 2'])
  expect(linked.activeSql()).toBe('select 2')
  linked.hook.unmount()
  const again = renderTabs('select 1, mine', 'u1')
  expect(again.texts()).toEqual(['select 1, mine', 'select 2'])
  expect(again.activeSql()).toBe('select 1, mine')
})

it('keeps what was typed before the user was known, next to the stored tabs', () => {
  const first = renderTabs('', 'u1')
  first.write('select 1, mine')
  first.hook.unmount()
  const again = renderTabs('')
  again.write('x')
  again.hook.rerender('u1')
  expect(again.texts()).toEqual(['select 1, mine', 'x'])
  expect(again.activeSql()).toBe('x')
})

const AT = 'at:2026-11-14T12:31:19Z'
const AT_MS = Date.UTC(2026, 10, 14, 12, 31, 19)
const PARAMETERS = [{ name: 'mm', type: 'number' as const, isList: false, text: '30' }]

it.each([null, 'u1'])('gives a link its values in its own tab next to the stored ones, for the user %s', (userId) => {
  const first = renderTabs('', 'u1')
  first.write('select 42')
  first.hook.unmount()
  const linked = renderTabs('select $mm', userId, { asOf: AT, parameters: JSON.stringify(PARAMETERS) })
  linked.hook.rerender('u1')
  expect(linked.hook.result.current.tabs.map(({ sql, asOf, parameters }) => ({ sql, asOf, parameters }))).toEqual([
    { sql: 'select 42', asOf: null, parameters: [] },
    { sql: 'select $mm', asOf: { atMs: AT_MS }, parameters: PARAMETERS },
  ])
  expect(linked.activeSql()).toBe('select $mm')
})

it('opens links of one text with different values in different tabs, each once', async () => {
  const { follow, hook } = renderTabs('select 1', 'u1', { asOf: AT })
  const asOfs = () => hook.result.current.tabs.map(({ asOf }) => asOf)
  expect(asOfs()).toEqual([{ atMs: AT_MS }])
  await waitForAddress()
  await follow('select 1', { asOf: 'ref:q1' })
  expect(asOfs()).toEqual([{ atMs: AT_MS }, { ref: 'q1' }])
  await follow('select 1', { asOf: AT })
  expect(asOfs()).toEqual([{ atMs: AT_MS }, { ref: 'q1' }])
  expect(hook.result.current.active.asOf).toEqual({ atMs: AT_MS })
  await follow('select 1', { asOf: 'zzz' })
  expect(asOfs()).toEqual([{ atMs: AT_MS }, null, { ref: 'q1' }])
  expect(hook.result.current.active.asOf).toBeNull()
})

it('keeps a link with a damaged value in its tab while the user types', async () => {
  const { write, texts } = renderTabs('select 1', 'u1', { asOf: 'zzz' })
  write('select 12')
  await waitForAddress()
  write('select 123')
  await waitForAddress()
  expect(texts()).toEqual(['select 123'])
})

it('puts the id of a shared query into the URL instead of its text, until the user changes it', async () => {
  const { hook, write, addressed } = renderTabs('select 1', 'u1')
  const opened = {
    queryId: 'q1',
    version: 1,
    name: 'Delays',
    sql: 'select 2',
    owner: 'ada',
    isShared: true,
    isOwn: false,
    canChange: false,
    parameters: [],
    folder: null,
    connection: 'rem',
    display: null,
  }
  const show = async (query: typeof opened) => {
    act(() => void hook.result.current.show({ sql: query.sql, connection: query.connection, opened: query }))
    await waitForAddress()
  }
  await show(opened)
  expect(addressed()).toEqual({ saved: 'q1' })
  write('select 2, mine')
  await waitForAddress()
  expect(addressed()).toEqual({ sql: 'select 2, mine' })
  write('select 2')
  await waitForAddress()
  expect(addressed()).toEqual({ saved: 'q1' })
  act(() => hook.result.current.change(hook.result.current.active.id, { connection: 'local' }))
  await waitForAddress()
  expect(addressed()).toEqual({ sql: 'select 2' })
  // Others could not open it.
  await show({ ...opened, queryId: 'q2', sql: 'select 3', isShared: false })
  expect(addressed()).toEqual({ sql: 'select 3' })
})

it('reports closed tabs, and brings them back', () => {
  const { hook, onClosed, write, texts } = renderTabs('', 'u1')
  write('select 1')
  act(() => void hook.result.current.add({ sql: 'select 2' }))
  act(() => void hook.result.current.close(hook.result.current.active.id))
  expect(onClosed.mock.calls).toMatchObject([[{ sql: 'select 2' }]])
  expect(texts()).toEqual(['select 1'])
  act(() => void hook.result.current.reopen())
  expect(texts()).toEqual(['select 1', 'select 2'])
})

it('stores a keystroke that is not drawn yet when the page is left', () => {
  const { hook } = renderTabs('', 'u1')
  act(() => {
    hook.result.current.change(hook.result.current.active.id, { sql: 'select 1', cursor: 8 })
    sessionStorage.removeItem('lakeshore.query-tabs')
    window.dispatchEvent(new Event('pagehide'))
    expect(sessionStorage.getItem('lakeshore.query-tabs')).toContain('select 1')
  })
})

it('stores nothing any more once a tab of the browser has signed out', () => {
  const { hook } = renderTabs('', 'u1')
  signalSignOut()
  act(() => {
    hook.result.current.change(hook.result.current.active.id, { sql: 'select 1', cursor: 8 })
    sessionStorage.removeItem('lakeshore.query-tabs')
    window.dispatchEvent(new Event('pagehide'))
  })
  expect(sessionStorage.getItem('lakeshore.query-tabs')).toBeNull()
})
