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

/** Like {@link useTimeZone}, with whether the user chose it. */
export function useTimeZoneChoice(): TimeZoneChoice {
  const initial = use(ServerTimeZone)
  return useSyncExternalStore(subscribeToTimeZone, timeZoneChoice, () => initial)
}
