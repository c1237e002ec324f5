// @vitest-environment happy-dom
import { act, cleanup, renderHook } from '@testing-library/react'
import { NuqsTestingAdapter } from 'nuqs/adapters/testing'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { useLinkedSql } from './use-linked-sql'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
})
afterEach(cleanup)

function renderLinkedSql(first: string, userId: string | null = null) {
  let address = first
  const onReplaced = vi.fn()
  const wrapper = ({ children }: { children: ReactNode }) => (
    <NuqsTestingAdapter searchParams={{ sql: address }} hasMemory>
      {children}
    </NuqsTestingAdapter>
  )
  const hook = renderHook((user: string | null) => useLinkedSql(user, onReplaced), { wrapper, initialProps: userId })
  const follow = async (sql: string) => {
    address = sql
    hook.rerender(userId)
    await waitForAddress()
  }
  return { hook, onReplaced, follow }
}

/** Waits until the URL contains the text. */
const waitForAddress = () => act(() => new Promise((resolve) => setTimeout(resolve, 20)))

it('starts with the text in the URL', () => {
  expect(renderLinkedSql('select 1').hook.result.current).toMatchObject({ sql: 'select 1', cursor: 8 })
})

it('takes the text of a followed link, and reports the text that it replaced', async () => {
  const { hook, onReplaced, follow } = renderLinkedSql('select 1')
  act(() => hook.result.current.write('select 1, mine', 14))
  await waitForAddress()
  await follow('select 2')
  expect(hook.result.current).toMatchObject({ sql: 'select 2', cursor: 8 })
  expect(onReplaced.mock.calls).toEqual([['select 1, mine']])
})

it('keeps the text while the user types, even if the URL lags behind', async () => {
  const { hook, onReplaced, follow } = renderLinkedSql('a')
  act(() => hook.result.current.write('ab', 2))
  act(() => hook.result.current.write('abc', 3))
  await waitForAddress()
  await follow('ab')
  expect(hook.result.current.sql).toBe('abc')
  await follow('')
  expect(hook.result.current.sql).toBe('abc')
  expect(onReplaced).not.toHaveBeenCalled()
})

it('restores the text of this tab when the page opens again without one, once the user is known', async () => {
  const first = renderLinkedSql('', 'u1').hook
  act(() => first.result.current.write('select 1, mine', 14))
  first.unmount()
  const { hook, onReplaced } = renderLinkedSql('')
  expect(hook.result.current.sql).toBe('')
  hook.rerender('u1')
  expect(hook.result.current).toMatchObject({ sql: 'select 1, mine', cursor: 14 })
  expect(onReplaced).not.toHaveBeenCalled()
  expect(renderLinkedSql('', 'u2').hook.result.current.sql).toBe('')
})

it('restores a text that is too long for the URL', () => {
  const long = `select ${'1, '.repeat(5000)}2`
  const first = renderLinkedSql('', 'u1').hook
  act(() => first.result.current.write(long, 3))
  first.unmount()
  expect(renderLinkedSql('', 'u1').hook.result.current.sql).toBe(long)
})

it('a link wins over the text of this tab, which is reported as replaced', () => {
  const first = renderLinkedSql('', 'u1').hook
  act(() => first.result.current.write('select 1, mine', 14))
  first.unmount()
  const { hook, onReplaced } = renderLinkedSql('select 2', 'u1')
  expect(hook.result.current.sql).toBe('select 2')
  expect(onReplaced.mock.calls).toEqual([['select 1, mine']])
})

it('keeps what was typed before the user was known, and reports the stored text as replaced', () => {
  const first = renderLinkedSql('', 'u1').hook
  act(() => first.result.current.write('select 1, mine', 14))
  first.unmount()
  const { hook, onReplaced } = renderLinkedSql('')
  act(() => hook.result.current.write('x', 1))
  hook.rerender('u1')
  expect(hook.result.current.sql).toBe('x')
  expect(onReplaced.mock.calls).toEqual([['select 1, mine']])
  hook.unmount()
  expect(renderLinkedSql('', 'u1').hook.result.current.sql).toBe('x')
})
