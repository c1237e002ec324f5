// @vitest-environment happy-dom
import { renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepColours } from '@/lib/client/series-colours'
import { namedSeriesText, useColouredSeries } from './use-coloured-series'

beforeEach(() => localStorage.clear())
afterEach(() => localStorage.clear())

/** Labels with the colours of a chart of these series, the largest first. */
function coloursOf(...keys: string[]) {
  const series = keys.map((key) => ({ key, label: key, table: null }))
  const { result, unmount } = renderHook(() => useColouredSeries(series))
  const colours = Object.fromEntries(result.current.map(({ label, colour }) => [label, colour]))
  unmount()
  return colours
}

test('A series keeps its colour when a larger one appears, on every page', () => {
  expect(coloursOf('demo.flights', 'other')).toEqual({ 'demo.flights': 'var(--c1)', other: 'var(--c0)' })
  const larger = { 'lab.big': 'var(--c2)', 'demo.flights': 'var(--c1)' }
  expect(coloursOf('lab.big', 'demo.flights')).toEqual(larger)
  expect(coloursOf('demo.flights', 'lab.big')).toEqual(larger)
  expect(coloursOf('lab.big')).toEqual({ 'lab.big': 'var(--c2)' })
})

test('Charts with a series of others say which are named', () => {
  const series = ['a', 'b', 'other'].map((key) => ({ key, label: key, table: null }))
  expect(namedSeriesText(series, 'tables', 'rows or bytes')).toBe(
    'Named: the 2 tables with the largest share of rows or bytes. Other: the rest.',
  )
  expect(namedSeriesText(series.slice(0, 2), 'tables', 'rows or bytes')).toBeNull()
})

test('No name of a table is stored, and the number of series is limited', () => {
  coloursOf('demo.flights')
  for (let i = 0; i < 300; i++) keepColours([{ key: `k${i}`, index: 0 }])
  const stored = JSON.stringify(Object.entries(localStorage))
  expect(stored).not.toContain('flights')
  expect(JSON.parse(localStorage.getItem('lakeshore.series-colours') ?? '[]')).toHaveLength(200)
})
