'use client'
import { useSyncExternalStore } from 'react'

/** How often what says "3 min ago" looks at the clock again. */
const TICK_MS = 15_000

let nowMs = Date.now()
let timer: ReturnType<typeof setInterval> | undefined
const listeners = new Set<() => void>()

/** The present, in epoch milliseconds, for words such as "3 min ago"; one timer for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, readNow, readNow)
}

/** IANA name of the zone times are shown in. */
export function zoneName(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** Like {@link zoneName}, for text that is also drawn by the server, which does not know the zone: empty there. */
export function useZoneName(): string {
  return useSyncExternalStore(subscribeToNothing, zoneName, () => '')
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

function tick(): void {
  nowMs = Date.now()
  for (const onChange of listeners) onChange()
}
