'use client'
import { createParser, parseAsStringLiteral, useQueryStates } from 'nuqs'
import type { AddressChecks } from '@/components/ui/notes/address-problems'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { TimeSpan } from '@/lib/client/dashboards'
import { spanChecks } from './address-checks'
import { DEFAULT_RANGE, parseEpochMs, RANGE_NAMES, type RangeName, RANGES, spanFromQuery } from './span'

/** As the server reads a time, so that both cover one period. */
const parseAsEpochMs = createParser<number>({ parse: parseEpochMs, serialize: String })

export type TimeSpanChoice = {
  span: TimeSpan
  /** Null while a custom span is selected. */
  range: RangeName | null
  choose: (range: RangeName) => void
  /** Selects a custom span, `[fromMs, toMs)`. */
  select: (fromMs: number, toMs: number) => void
  /** Why the period of the address is not shown. */
  checks: AddressChecks
}

/** The period that a page of charts covers, in the URL as `?range=7d`, or `?from=…&to=…` in epoch milliseconds. */
export function useSpan(): TimeSpanChoice {
  const nowMs = useNow()
  const timeZone = useTimeZone()
  const [{ range, from, to }, setQuery] = useQueryStates(
    { range: parseAsStringLiteral(RANGE_NAMES).withDefault(DEFAULT_RANGE), from: parseAsEpochMs, to: parseAsEpochMs },
    { history: 'push' },
  )
  const { span, isCustom } = spanFromQuery({ range, from, to }, { nowMs, timeZone })
  return {
    span,
    range: isCustom ? null : range,
    choose: (chosen) => void setQuery({ range: chosen, from: null, to: null }),
    select: (fromMs, toMs) => void setQuery({ from: fromMs, to: toMs }),
    checks: spanChecks(
      { from, to },
      { names: RANGE_NAMES, instead: `The last ${RANGES[range].label} are shown instead.` },
    ),
  }
}
