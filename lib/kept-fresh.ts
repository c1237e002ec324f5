import { untilAborted } from './until-aborted'

/** `value` is used until then; Infinity: until it is forgotten. */
export type Fresh<T> = { value: T; untilMs: number }

export type KeptFresh<T> = {
  /** Stops waiting when the signal fires; the fetch goes on for the others. */
  get(signal?: AbortSignal): Promise<T>
  /** Forgets `value` if it is still the one that is kept: of many who found it stale, one fetches it anew. */
  forget(value: T): void
}

/** A token or key is replaced this long before it ends, or after four fifths of a short life. */
const AHEAD_MS = 60_000
const SHORT_LIFE_SHARE = 0.8

export function replacedAtMs(fromMs: number, endsAtMs: number): number {
  const lifeMs = endsAtMs - fromMs
  return (
    fromMs + (lifeMs === Number.POSITIVE_INFINITY ? lifeMs : Math.max(lifeMs - AHEAD_MS, lifeMs * SHORT_LIFE_SHARE))
  )
}

/** A value fetched when it is first asked for and again when it has aged; all who ask meanwhile share one fetch. */
export function keptFresh<T>(
  fetchValue: () => Promise<Fresh<T>>,
  nowMs: () => number,
  first: Fresh<T> | null = null,
): KeptFresh<T> {
  let kept = first
  let fetching: Promise<T> | null = null

  async function fetchOnce(): Promise<T> {
    try {
      kept = await fetchValue()
      return kept.value
    } finally {
      fetching = null
    }
  }

  return {
    async get(signal) {
      signal?.throwIfAborted()
      if (kept !== null && nowMs() < kept.untilMs) return kept.value
      fetching ??= fetchOnce()
      return signal ? untilAborted(fetching, signal) : fetching
    },
    forget(value) {
      if (kept !== null && Object.is(kept.value, value)) kept = null
    },
  }
}
