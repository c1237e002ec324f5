/**
 * The time zone in which this browser shows times: the system's, or one that the user chose. It is stored in a cookie,
 * so that the server renders the same times as the browser. Open tabs learn of it through the local storage, because a
 * cookie has no event.
 */

import { readCookie, TIME_ZONE_COOKIE, writeCookie } from './cookies'

const FOLLOWS_SYSTEM = 'system:'

/** `zone` is the IANA name to show times in; `isChosen` is false while the system decides. */
export type TimeZoneChoice = { zone: string; isChosen: boolean }

/** Used until the browser has reported its zone, so that server and browser agree. */
export const UNKNOWN_TIME_ZONE: TimeZoneChoice = { zone: 'UTC', isChosen: false }

/** Reads the cookie's value; null when it is missing or names no zone. */
export function parseTimeZoneCookie(value: string | undefined): TimeZoneChoice | null {
  const text = value === undefined ? '' : decodeCookie(value)
  const isChosen = !text.startsWith(FOLLOWS_SYSTEM)
  const zone = isChosen ? text : text.slice(FOLLOWS_SYSTEM.length)
  return isTimeZone(zone) ? { zone, isChosen } : null
}

function decodeCookie(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return ''
  }
}

/** Whether `zone` is an IANA name that this runtime knows. */
export function isTimeZone(zone: string): boolean {
  if (zone === '') return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** IANA name of the system's zone. */
export function systemZoneName(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}

let choice: TimeZoneChoice | undefined
const listeners = new Set<() => void>()

/** The user's choice in this browser. */
export function timeZoneChoice(): TimeZoneChoice {
  if (choice === undefined) {
    const stored = parseTimeZoneCookie(readCookie(TIME_ZONE_COOKIE))
    choice = stored?.isChosen ? stored : { zone: systemZoneName(), isChosen: false }
  }
  return choice
}

/** IANA name of the zone in which this browser shows times. For code that is not a component. */
export function zoneName(): string {
  return timeZoneChoice().zone
}

/** Shows times in `zone` from now on, on every page; null follows the system again. */
export function chooseTimeZone(zone: string | null): void {
  choice = { zone: zone ?? systemZoneName(), isChosen: zone !== null }
  storeTimeZone()
  try {
    localStorage.setItem(TIME_ZONE_COOKIE, cookieValue(choice))
  } catch {
    // The browser's storage is full or blocked. Other tabs take the choice when they are loaded next.
  }
  for (const onChange of listeners) onChange()
}

/** Takes the choice of another tab, which has stored it. */
function onStorage({ key, newValue }: StorageEvent): void {
  const chosen = key === TIME_ZONE_COOKIE ? parseTimeZoneCookie(newValue ?? undefined) : null
  if (chosen === null) return
  choice = chosen
  for (const onChange of listeners) onChange()
}

/** Stores the choice, or the system's zone when there is none, for pages that the server renders later. */
export function storeTimeZone(): void {
  const value = cookieValue(timeZoneChoice())
  if (readCookie(TIME_ZONE_COOKIE) !== value) writeCookie(TIME_ZONE_COOKIE, value)
}

function cookieValue({ zone, isChosen }: TimeZoneChoice): string {
  return encodeURIComponent(isChosen ? zone : `${FOLLOWS_SYSTEM}${zone}`)
}

export function subscribeToTimeZone(onChange: () => void): () => void {
  if (listeners.size === 0) window.addEventListener('storage', onStorage)
  listeners.add(onChange)
  return () => {
    listeners.delete(onChange)
    if (listeners.size === 0) window.removeEventListener('storage', onStorage)
  }
}
