import { useEffect } from 'react'
import { chooseColours, colourVariable } from '@/components/chart/series-colours'
import { hashSeriesKey, keepColours, useKnownColours } from '@/lib/client/series-colours'
import type { Series } from '@/lib/contract/dashboards'

export type ColouredSeries = Series & { colour: string }

/** Which series a chart names, if it combines others into one; null if it names all. */
export function namedSeriesText(series: readonly Series[], plural: string, metrics: string): string | null {
  const namedCount = series.filter(({ key }) => key !== OTHER).length
  if (namedCount === series.length) return null
  return `Named: the ${namedCount} ${plural} with the largest share of ${metrics}. Other: the rest.`
}

/** The key of the series of everything else. */
const OTHER = 'other'

/**
 * Series with their colours. A series keeps its colour on every page, also when another one becomes larger; only a new
 * one gets the first that is free. *Other* is grey.
 */
export function useColouredSeries(series: readonly Series[]): ColouredSeries[] {
  const known = useKnownColours()
  const keys = series.filter(({ key }) => key !== OTHER).map(({ key }) => hashSeriesKey(key))
  const chosen = chooseColours(keys, new Map(known.map(({ key, index }) => [key, index])))
  useEffect(() => keepColours([...chosen].map(([key, index]) => ({ key, index }))))
  return series.map((one) => ({
    ...one,
    colour: one.key === OTHER ? 'var(--c0)' : colourVariable(chosen.get(hashSeriesKey(one.key)) ?? 0),
  }))
}
