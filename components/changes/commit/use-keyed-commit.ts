'use client'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useState } from 'react'
import { randomKey } from '@/lib/client/call/idempotency-key'
import { changeOutcomeQuery, type CommitRequest } from '@/lib/client/table/changes'
import { isOutcomeKnown } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'

/** How often the outcome of a commit is looked up. */
const LOOK_INTERVAL_MS = 3_000
/** For this long after the answer was lost, a commit that is not found may still be on its way. */
const ARRIVAL_MS = 3_000

/** The parts of a mutation that are used here. */
type KeyedMutation<Sent, Data> = {
  isPending: boolean
  isSuccess: boolean
  error: Error | null
  mutate: (
    variables: Sent & { idempotencyKey: string },
    options: { onSuccess: (data: Data) => void; onError: (error: Error) => void },
  ) => void
}

/** A commit of intents, as a panel sends it. */
export type KeyedIntents = Omit<CommitRequest, 'idempotencyKey'>
/** The required part of the answer to a commit. */
export type CommittedIntents = { auditId: string; metadataLocation: string }

/**
 * The outcome of the last commit. `known`: its answer arrived, or no commit was sent. `looking`: the answer is lost,
 * and the outcome is being looked up. `pending`: the server does not know it either, yet. `not-committed`: the server found
 * that the commit was not made.
 */
export type CommitOutcome = { state: 'known' | 'looking' | 'pending' | 'not-committed'; lookError: Error | null }

/**
 * Sends a commit to a table under one key. If the answer is lost, it does not send the commit again but looks up the
 * outcome. The server then repeats the lost answer of a commit that was made; one that was not made may be sent again,
 * under the same key.
 *
 * @param content of the commit: other content has another key, but not while an outcome is unknown
 */
export function useKeyedCommit<Sent extends object, Data>(
  table: TableIdentifier,
  content: readonly unknown[],
  commit: KeyedMutation<Sent, Data>,
  onDone: (data: Data) => void,
) {
  const text = JSON.stringify(content)
  const [key, setKey] = useState({ text, value: randomKey() })
  const [lost, setLost] = useState<{ sent: Sent; atMs: number } | null>(null)
  const {
    data: found,
    dataUpdatedAt: foundAtMs,
    error: lookError,
  } = useQuery({
    ...changeOutcomeQuery(table, key.value),
    enabled: lost !== null && !commit.isPending,
    refetchInterval: ({ state }) => (isSettled(lost, state.data, state.dataUpdatedAt) ? false : LOOK_INTERVAL_MS),
  })
  const isNotMade = isSettled(lost, found, foundAtMs)
  if (key.text !== text && (lost === null || isNotMade)) {
    setKey({ text, value: randomKey() })
    setLost(null)
  }
  const send = (sent: Sent) =>
    commit.mutate(
      { ...sent, idempotencyKey: key.value },
      {
        onSuccess: (data) => {
          setLost(null)
          onDone(data)
        },
        onError: (error) => {
          setLost(isOutcomeKnown(error) ? null : { sent, atMs: Date.now() })
          // A request that was certainly refused gets another key when it is sent again.
          if (isOutcomeKnown(error)) setKey({ text, value: randomKey() })
        },
      },
    )
  const isMade = lost !== null && !commit.isPending && found?.outcome === 'committed' && foundAtMs > lost.atMs
  const takeAnswer = useEffectEvent(() => {
    if (lost) send(lost.sent)
  })
  useEffect(() => {
    // The server has an answer for the key, so it does not carry out the commit twice.
    if (isMade) takeAnswer()
  }, [isMade])
  const outcome: CommitOutcome = {
    state: lost === null ? 'known' : isNotMade ? 'not-committed' : found?.outcome === 'pending' ? 'pending' : 'looking',
    lookError: lost === null || isNotMade ? null : lookError,
  }
  const { isPending, isSuccess, error } = commit
  return { send, outcome, isPending, isSuccess, error }
}

/** The same, for intents. */
export const useKeyedIntents = useKeyedCommit<KeyedIntents, CommittedIntents>

/** Whether a lookup found that a commit with a lost answer was not made, and can no longer be made. */
function isSettled(lost: { atMs: number } | null, found: { outcome: string } | undefined, foundAtMs: number): boolean {
  return lost !== null && found?.outcome === 'not-committed' && foundAtMs - lost.atMs >= ARRIVAL_MS
}

/** The outcome before a commit is sent, and of a commit that is not looked up. */
export const KNOWN_OUTCOME: CommitOutcome = { state: 'known', lookError: null }
