import { rejectOnAbort } from './reject-on-abort'

/** `value` is used until then; Infinity: until it is invalidated. */
export type ExpiringValue<T> = { value: T; validUntilMs: number }

export type RefreshingValue<T> = {
  /** Stops waiting when the signal fires; the fetch goes on for the others. */
  get(signal?: AbortSignal): Promise<T>
  /** Discards `value` if it is still the cached one: when many callers find it stale, only one fetches it again. */
  invalidate(value: T): void
}

/** A token or key is replaced this long before it expires, or after four fifths of a short lifetime. */
const REFRESH_AHEAD_MS = 60_000
const SHORT_LIFETIME_SHARE = 0.8

export function refreshTimeMs(issuedAtMs: number, expiresAtMs: number): number {
  const lifetimeMs = expiresAtMs - issuedAtMs
  return (
    issuedAtMs +
    (lifetimeMs === Number.POSITIVE_INFINITY
      ? lifetimeMs
      : Math.max(lifetimeMs - REFRESH_AHEAD_MS, lifetimeMs * SHORT_LIFETIME_SHARE))
  )
}

/** A value fetched on first use and again when it is nearly expired; concurrent callers share one fetch. */
export function createRefreshingValue<T>(
  fetchValue: () => Promise<ExpiringValue<T>>,
  nowMs: () => number,
  initial: ExpiringValue<T> | null = null,
): RefreshingValue<T> {
  let current = initial
  let pendingFetch: Promise<T> | null = null

  async function fetchOnce(): Promise<T> {
    try {
      current = await fetchValue()
      return current.value
    } finally {
      pendingFetch = null
    }
  }

  return {
    async get(signal) {
      signal?.throwIfAborted()
      if (current !== null && nowMs() < current.validUntilMs) return current.value
      pendingFetch ??= fetchOnce()
      return signal ? rejectOnAbort(pendingFetch, signal) : pendingFetch
    },
    invalidate(value) {
      if (current !== null && Object.is(current.value, value)) current = null
    },
  }
}
