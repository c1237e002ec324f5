'use client'
import { useState } from 'react'
import { isOutcomeKnown } from '@/components/changes/use-idempotency-key'
import { useLeadAway } from '@/components/ui/use-lead-away'
import { useFindNewTable, useMakeTable } from '@/lib/client/lifecycle/new-tables'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { paths } from '@/lib/paths'

export type Make = ReturnType<typeof useMake>

/**
 * Creates or registers a table under one key, and leads to it. While the outcome is unknown nothing is sent again: it is
 * only looked up.
 *
 * @param content of the request: another one has another key
 */
export function useMake(table: TableIdentifier, content: string, onMade: () => void) {
  const leadAway = useLeadAway()
  const lookup = useFindNewTable()
  const [key, setKey] = useState({ content, value: randomKey() })
  const [unknown, setUnknown] = useState<(TableIdentifier & { idempotencyKey: string }) | null>(null)
  const arrive = (made: TableIdentifier) => {
    onMade()
    leadAway(paths.table(made))
  }
  const write = useMakeTable(arrive)
  if (key.content !== content && unknown === null) setKey({ content, value: randomKey() })
  return {
    state: unknown === null ? ('open' as const) : ('unknown' as const),
    isPending: write.isPending || write.isSuccess,
    isLooking: lookup.isPending,
    error: write.error,
    lookError: lookup.error,
    /** What the last look found. */
    found: lookup.data?.outcome ?? null,
    submit: (
      request:
        | { kind: 'create'; declaration: string; location?: string }
        | { kind: 'register'; metadataLocation: string },
    ) => {
      const sent = { ...table, idempotencyKey: key.value }
      lookup.reset()
      write.mutate(
        { ...sent, ...request },
        {
          onError: (error) => {
            if (isOutcomeKnown(error)) setKey({ content, value: randomKey() })
            else setUnknown(sent)
          },
        },
      )
    },
    look: () => {
      if (unknown === null) return
      lookup.mutate(unknown, {
        onSuccess: ({ outcome }) => {
          if (outcome === 'made') arrive(unknown)
          if (outcome !== 'not-made') return
          setUnknown(null)
          write.reset()
          setKey({ content, value: randomKey() })
        },
      })
    },
  }
}

function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
