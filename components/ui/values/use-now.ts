'use client'
import { createContext, use, useSyncExternalStore } from 'react'

/** How often relative times are updated. */
const TICK_MS = 15_000

let nowMs = Date.now()
let timer: ReturnType<typeof setInterval> | undefined
const listeners = new Set<() => void>()

/** When the server rendered the page, which the first render in the browser repeats; null without a server. */
export const InitialNow = createContext<number | null>(null)

/** The current time in epoch milliseconds, for relative times. The page shares one timer. */
export function useNow(): number {
  const initialNowMs = use(InitialNow)
  return useSyncExternalStore(subscribe, readNow, () => initialNowMs ?? nowMs)
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
