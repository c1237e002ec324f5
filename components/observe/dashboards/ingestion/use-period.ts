'use client'
import { createParser, parseAsStringLiteral, useQueryStates } from 'nuqs'
import type { AddressChecks } from '@/components/ui/notes/address-problems'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { IngestionPeriod } from '@/lib/client/dashboards'
import { spanChecks } from '../address-checks'
import { parseEpochMs } from '../span'
import {
  ALL_PERIODS,
  DEFAULT_PERIOD,
  namesOf,
  PERIODS,
  type PeriodSet,
  periodFromQuery,
  type PeriodName,
} from './period'

/** As the server reads a time, so that both cover one period. */
const parseAsEpochMs = createParser<number>({ parse: parseEpochMs, serialize: String })

export type PeriodChoice = {
  period: IngestionPeriod
  offered: PeriodSet
  /** Null while a custom period is selected. */
  range: PeriodName | null
  choose: (range: PeriodName) => void
  /** Selects a custom period, `[fromMs, toMs)`. */
  select: (fromMs: number, toMs: number) => void
  /** Why the period of the address is not shown. */
  checks: AddressChecks
}

/** The period of a dashboard, in the URL as `?range=month`, or `?from=…&to=…` in epoch milliseconds. */
export function usePeriod(offered: PeriodSet = ALL_PERIODS): PeriodChoice {
  const nowMs = useNow()
  const timeZone = useTimeZone()
  const names = namesOf(offered)
  const [{ range, from, to }, setQuery] = useQueryStates(
    { range: parseAsStringLiteral(names).withDefault(DEFAULT_PERIOD), from: parseAsEpochMs, to: parseAsEpochMs },
    { history: 'push' },
  )
  const isCustom = from !== null && to !== null && to > from
  return {
    period: periodFromQuery({ range, from, to }, { nowMs, timeZone }),
    offered,
    range: isCustom ? null : range,
    choose: (chosen) => void setQuery({ range: chosen, from: null, to: null }),
    select: (fromMs, toMs) => void setQuery({ from: fromMs, to: toMs }),
    checks: spanChecks({ from, to }, { names, instead: `${PERIODS[range]} is shown instead.` }),
  }
}
