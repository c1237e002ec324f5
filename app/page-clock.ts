import 'server-only'
import { cookies } from 'next/headers'
import { cache } from 'react'
import { TIME_ZONE_COOKIE } from '@/lib/cookies'
import { parseTimeZoneCookie, type TimeZoneChoice } from '@/lib/time-zone'

/**
 * When the page is rendered, in epoch milliseconds: the same for all its parts. The first paint in the browser repeats
 * it, so that relative times stay as they are.
 */
export const pageNowMs: () => number = cache(() => Date.now())

/** The time zone of the reader; null until the browser has reported it. */
export async function readTimeZone(): Promise<TimeZoneChoice | null> {
  return parseTimeZoneCookie((await cookies()).get(TIME_ZONE_COOKIE)?.value)
}
