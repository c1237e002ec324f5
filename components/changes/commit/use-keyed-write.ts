'use client'
import { useState } from 'react'
import { isOutcomeKnown } from '@/lib/errors'
import { randomKey } from '@/lib/client/call/idempotency-key'

type Keyed = { idempotencyKey: string }

/** The parts of a mutation that are used here. */
type Mutation<Variables, Data> = {
  isPending: boolean
  isSuccess: boolean
  error: Error | null
  data: Data | undefined
  reset: () => void
  mutate: (
    variables: Variables,
    options?: { onSuccess?: (data: Data) => void; onError?: (error: Error) => void },
  ) => void
}

type Outcome = { outcome: 'committed' | 'not-committed' | 'pending' }

export type KeyedWrite = Omit<ReturnType<typeof useKeyedWrite<Keyed>>, 'submit'>

/**
 * A request that is sent under one key. While its outcome is unknown it is only looked up, not sent again.
 *
 * @param content of the request: other content has another key
 * @param onMade called when a lookup finds that the request was carried out
 */
export function useKeyedWrite<Sent extends Keyed>(
  content: string,
  {
    write,
    lookup,
    onMade,
  }: { write: Mutation<Sent, unknown>; lookup: Mutation<Sent, Outcome>; onMade: (sent: Sent) => void },
) {
  const [key, setKey] = useState({ content, value: randomKey() })
  const [unknown, setUnknown] = useState<Sent | null>(null)
  if (key.content !== content && unknown === null) setKey({ content, value: randomKey() })
  return {
    state: unknown === null ? ('open' as const) : ('unknown' as const),
    isPending: write.isPending || write.isSuccess,
    isSuccess: write.isSuccess,
    isLooking: lookup.isPending,
    error: write.error,
    lookError: lookup.error,
    /** Forgets the failure, when the user has dealt with it. */
    clearError: write.reset,
    /** The result of the last lookup. */
    found: lookup.data?.outcome ?? null,
    submit: (toSent: (keyed: Keyed) => Sent) => {
      const sent = toSent({ idempotencyKey: key.value })
      lookup.reset()
      write.mutate(sent, {
        onError: (error) => {
          if (isOutcomeKnown(error)) setKey({ content, value: randomKey() })
          else setUnknown(sent)
        },
      })
    },
    look: () => {
      if (unknown === null) return
      lookup.mutate(unknown, {
        onSuccess: ({ outcome }) => {
          if (outcome === 'committed') onMade(unknown)
          if (outcome !== 'not-committed') return
          setUnknown(null)
          write.reset()
          setKey({ content, value: randomKey() })
        },
      })
    },
  }
}
