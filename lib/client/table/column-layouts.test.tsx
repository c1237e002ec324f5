// @vitest-environment happy-dom
import { act, cleanup, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MAX_LAYOUTS, useColumnLayout } from './column-layouts'

const FLIGHTS = { catalog: 'local', namespace: ['demo'], table: 'flights' }
const NO_LAYOUT = { order: [], pinned: [], hidden: [], widths: {} }
const CHOSEN = { ...NO_LAYOUT, pinned: ['3'], widths: { '3': 240 } }

beforeEach(() => localStorage.clear())
afterEach(cleanup)

function useLayout({ userId, table = 'flights' }: { userId: string | null; table?: string }) {
  return useColumnLayout(userId, { ...FLIGHTS, table })
}

function choose(userId: string | null, table: string, layout: Parameters<ReturnType<typeof useColumnLayout>[1]>[0]) {
  const { result, unmount } = renderHook(useLayout, { initialProps: { userId, table } })
  act(() => result.current[1](layout))
  unmount()
}

describe('The column layout of a table', () => {
  test('is remembered for the user and the table', () => {
    choose('u1', 'flights', CHOSEN)
    expect(renderHook(useLayout, { initialProps: { userId: 'u1' } }).result.current[0]).toEqual(CHOSEN)
    expect(renderHook(useLayout, { initialProps: { userId: 'u2' } }).result.current[0]).toEqual(NO_LAYOUT)
    expect(renderHook(useLayout, { initialProps: { userId: 'u1', table: 'x' } }).result.current[0]).toEqual(NO_LAYOUT)
  })

  test('changes in every component that shows it', () => {
    const first = renderHook(useLayout, { initialProps: { userId: 'u3' } })
    const second = renderHook(useLayout, { initialProps: { userId: 'u3' } })
    act(() => first.result.current[1](CHOSEN))
    expect(second.result.current[0]).toEqual(CHOSEN)
  })

  test('is remembered for a bounded number of tables, the latest ones', () => {
    for (let i = 0; i <= MAX_LAYOUTS; i++) choose('u4', `t${i}`, CHOSEN)
    const stored = JSON.parse(localStorage.getItem('lakeshore.columns.u4') ?? '[]') as unknown[]
    expect(stored).toHaveLength(MAX_LAYOUTS)
    expect(renderHook(useLayout, { initialProps: { userId: 'u4', table: 't0' } }).result.current[0]).toEqual(NO_LAYOUT)
    choose('u4', 't5', NO_LAYOUT)
    expect(localStorage.getItem('lakeshore.columns.u4')).not.toContain('"t5"')
  })

  test('holds until the page is left if it is too long, or the user is unknown', () => {
    const long = { ...NO_LAYOUT, hidden: Array.from({ length: 5000 }, (_, i) => String(i)) }
    choose('u5', 'flights', long)
    expect(localStorage.getItem('lakeshore.columns.u5')).toBeNull()
    expect(renderHook(useLayout, { initialProps: { userId: 'u5' } }).result.current[0]).toEqual(long)
    choose(null, 'flights', CHOSEN)
    expect(localStorage).toHaveLength(0)
  })

  test('is the default when the stored text is invalid', () => {
    localStorage.setItem('lakeshore.columns.u6', 'not json')
    expect(renderHook(useLayout, { initialProps: { userId: 'u6' } }).result.current[0]).toEqual(NO_LAYOUT)
    const table = JSON.stringify(['local', 'demo', 'flights'])
    const widths = { '3': '240' }
    for (const layout of [null, { order: 7 }, { ...CHOSEN, pinned: [3] }, { ...CHOSEN, widths }]) {
      localStorage.setItem('lakeshore.columns.u6', JSON.stringify([7, { table, layout }]))
      expect(renderHook(useLayout, { initialProps: { userId: 'u6' } }).result.current[0]).toEqual(NO_LAYOUT)
    }
    localStorage.setItem('lakeshore.columns.u6', JSON.stringify([7, { table, layout: CHOSEN }]))
    expect(renderHook(useLayout, { initialProps: { userId: 'u6' } }).result.current[0]).toEqual(CHOSEN)
  })
})
