'use client'
import { useSyncExternalStore } from 'react'
import { pageClock, shownTimeZone } from '@/lib/format/page-clock'

/** How often relative times are updated. */
const TICK_MS = 15_000

let nowMs = Date.now()
let timer: ReturnType<typeof setInterval> | undefined
const listeners = new Set<() => void>()

/** The current time in epoch milliseconds, for relative times. The page shares one timer. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, readNow, readNowOfPage)
}

/** IANA name of the time zone in which times are shown. */
export function zoneName(): string {
  return shownTimeZone() ?? new Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** Like {@link zoneName}, but empty on a server that does not know the browser's time zone. */
export function useZoneName(): string {
  return useSyncExternalStore(subscribeToNothing, zoneName, () => pageClock()?.timeZone ?? '')
}

function subscribeToNothing(): () => void {
  return () => undefined
}

function subscribe(onChange: () => void): () => void {
  if (listeners.size === 0) {
    nowMs = Date.now()
    timer = setInterval(tick, TICK_MS)
  }
  listeners.add(onChange)
  return () => {
    listeners.delete(onChange)
    if (listeners.size === 0) clearInterval(timer)
  }
}

function readNow(): number {
  return nowMs
}

/** What the server rendered with: the first paint in the browser repeats it. */
function readNowOfPage(): number {
  return pageClock()?.nowMs ?? nowMs
}

function tick(): void {
  nowMs = Date.now()
  for (const onChange of listeners) onChange()
}
