'use client'
import { createParser, parseAsStringLiteral, useQueryStates } from 'nuqs'
import type { AddressChecks } from '@/components/ui/notes/address-problems'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { IngestionPeriod } from '@/lib/client/dashboards'
import { spanChecks } from '../address-checks'
import { parseEpochMs } from '../span'
import { DEFAULT_PERIOD, PERIOD_NAMES, PERIODS, periodFromQuery, type PeriodName } from './period'

/** As the server reads a time, so that both cover one period. */
const parseAsEpochMs = createParser<number>({ parse: parseEpochMs, serialize: String })

export type PeriodChoice = {
  period: IngestionPeriod
  /** Null while a custom period is selected. */
  range: PeriodName | null
  choose: (range: PeriodName) => void
  /** Selects a custom period, `[fromMs, toMs)`. */
  select: (fromMs: number, toMs: number) => void
  /** Why the period of the address is not shown. */
  checks: AddressChecks
}

/** The period of *Ingestion*, in the URL as `?range=month`, or `?from=…&to=…` in epoch milliseconds. */
export function usePeriod(): PeriodChoice {
  const nowMs = useNow()
  const timeZone = useTimeZone()
  const [{ range, from, to }, setQuery] = useQueryStates(
    { range: parseAsStringLiteral(PERIOD_NAMES).withDefault(DEFAULT_PERIOD), from: parseAsEpochMs, to: parseAsEpochMs },
    { history: 'push' },
  )
  const isCustom = from !== null && to !== null && to > from
  return {
    period: periodFromQuery({ range, from, to }, { nowMs, timeZone }),
    range: isCustom ? null : range,
    choose: (chosen) => void setQuery({ range: chosen, from: null, to: null }),
    select: (fromMs, toMs) => void setQuery({ from: fromMs, to: toMs }),
    checks: spanChecks({ from, to }, { names: PERIOD_NAMES, instead: `${PERIODS[range]} is shown instead.` }),
  }
}
