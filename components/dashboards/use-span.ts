'use client'
import { parseAsInteger, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { useNow } from '@/components/ui/use-now'
import type { Span } from '@/lib/client/dashboards'
import { RANGES, type RangeName, spanBetween, spanOfRange } from './span'

const NAMES = Object.keys(RANGES) as RangeName[]

export type ChosenSpan = {
  span: Span
  /** Null while a span of one's own is chosen. */
  range: RangeName | null
  choose: (range: RangeName) => void
  /** A span of one's own, `[fromMs, toMs)`. */
  select: (fromMs: number, toMs: number) => void
}

/** The time a page of charts is about, kept in its address: `?range=7d`, or `?from=…&to=…` in epoch milliseconds. */
export function useSpan(usual: RangeName): ChosenSpan {
  const nowMs = useNow()
  const [{ range, from, to }, set] = useQueryStates(
    { range: parseAsStringLiteral(NAMES).withDefault(usual), from: parseAsInteger, to: parseAsInteger },
    { history: 'push' },
  )
  const isOwn = from !== null && to !== null && to > from
  return {
    span: isOwn ? spanBetween(from, to) : spanOfRange(range, nowMs),
    range: isOwn ? null : range,
    choose: (chosen) => void set({ range: chosen, from: null, to: null }),
    select: (fromMs, toMs) => void set({ from: fromMs, to: toMs }),
  }
}
