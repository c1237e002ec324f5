// @vitest-environment happy-dom
import { act, cleanup, renderHook } from '@testing-library/react'
import { NuqsTestingAdapter } from 'nuqs/adapters/testing'
import type { ReactNode } from 'react'
import { afterEach, expect, it, vi } from 'vitest'
import { useLinkedSql } from './use-linked-sql'

afterEach(cleanup)

function renderLinkedSql(first: string) {
  let address = first
  const onReplaced = vi.fn()
  const wrapper = ({ children }: { children: ReactNode }) => (
    <NuqsTestingAdapter searchParams={{ sql: address }} hasMemory>
      {children}
    </NuqsTestingAdapter>
  )
  const hook = renderHook(() => useLinkedSql(onReplaced), { wrapper })
  const follow = async (sql: string) => {
    address = sql
    hook.rerender()
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
