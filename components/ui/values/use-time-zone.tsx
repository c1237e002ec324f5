'use client'
import { createContext, type ReactNode, use, useSyncExternalStore } from 'react'
import { subscribeToTimeZone, type TimeZoneChoice, timeZoneChoice, UNKNOWN_TIME_ZONE, zoneName } from '@/lib/time-zone'

const ServerTimeZone = createContext<TimeZoneChoice>(UNKNOWN_TIME_ZONE)

/** @param props.initial the choice in the cookie of the request, which the first render uses in server and browser */
export function TimeZoneProvider({ initial, children }: { initial: TimeZoneChoice | null; children: ReactNode }) {
  return <ServerTimeZone value={initial ?? UNKNOWN_TIME_ZONE}>{children}</ServerTimeZone>
}

/** IANA name of the time zone in which times are shown. */
export function useTimeZone(): string {
  const initial = use(ServerTimeZone)
  return useSyncExternalStore(subscribeToTimeZone, zoneName, () => initial.zone)
}

const ValueZone = createContext<string | null>(null)

/** Shows the instants among the values within in one zone, whatever the reader chose for the times of the page. */
export function ValueZoneProvider({ zone, children }: { zone: string; children: ReactNode }) {
  return <ValueZone value={zone}>{children}</ValueZone>
}

/** IANA name of the zone in which instants are shown that are values of rows; usually that of {@link useTimeZone}. */
export function useValueZone(): string {
  const timeZone = useTimeZone()
  return use(ValueZone) ?? timeZone
}

/** Like {@link useTimeZone}, with whether the user chose it. */
export function useTimeZoneChoice(): TimeZoneChoice {
  const initial = use(ServerTimeZone)
  return useSyncExternalStore(subscribeToTimeZone, timeZoneChoice, () => initial)
}
