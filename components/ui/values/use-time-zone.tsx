'use client'
import { createContext, type ReactNode, use, useEffect, useSyncExternalStore } from 'react'
import { storeTimeZone, subscribeToTimeZone, type TimeZoneChoice, timeZoneChoice, zoneName } from '@/lib/time-zone'

const ServerTimeZone = createContext<TimeZoneChoice>({ zone: 'UTC', isChosen: false })

/** @param props.initial the choice in the cookie of the request, which the first render uses in server and browser */
export function TimeZoneProvider({ initial, children }: { initial: TimeZoneChoice; children: ReactNode }) {
  useEffect(storeTimeZone, [])
  return <ServerTimeZone value={initial}>{children}</ServerTimeZone>
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
