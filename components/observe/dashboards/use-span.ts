'use client'
import { parseAsInteger, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { TimeSpan } from '@/lib/client/dashboards'
import { DEFAULT_RANGE, RANGES, type RangeName, spanFromQuery } from './span'

const RANGE_NAMES = Object.keys(RANGES) as RangeName[]

export type TimeSpanChoice = {
  span: TimeSpan
  /** Null while a custom span is selected. */
  range: RangeName | null
  choose: (range: RangeName) => void
  /** Selects a custom span, `[fromMs, toMs)`. */
  select: (fromMs: number, toMs: number) => void
}

/** The period that a page of charts covers, in the URL as `?range=7d`, or `?from=…&to=…` in epoch milliseconds. */
export function useSpan(): TimeSpanChoice {
  const nowMs = useNow()
  const timeZone = useTimeZone()
  const [{ range, from, to }, setQuery] = useQueryStates(
    { range: parseAsStringLiteral(RANGE_NAMES).withDefault(DEFAULT_RANGE), from: parseAsInteger, to: parseAsInteger },
    { history: 'push' },
  )
  const { span, isCustom } = spanFromQuery({ range, from, to }, { nowMs, timeZone })
  return {
    span,
    range: isCustom ? null : range,
    choose: (chosen) => void setQuery({ range: chosen, from: null, to: null }),
    select: (fromMs, toMs) => void setQuery({ from: fromMs, to: toMs }),
  }
}
