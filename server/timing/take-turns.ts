import 'server-only'
import { setImmediate } from 'node:timers/promises'
import type { TakeTurns } from '@/lib/iceberg/avro/decode-steps'
import { clock } from './clock'

/** How long decoding may keep the event loop before other work has its turn. */
const TURN_MS = 10

/**
 * Suspends decoding when its turn is over. Users of the same turns share them: if several manifests are decoded at
 * once, one continues in each round of the event loop.
 */
export function createTurns(): TakeTurns {
  let startedAtMs = 0
  let lastTurn: Promise<void> = Promise.resolve()

  async function startTurn(): Promise<void> {
    await setImmediate()
    startedAtMs = clock.elapsedMs()
  }

  return () => {
    if (clock.elapsedMs() - startedAtMs < TURN_MS) return null
    lastTurn = lastTurn.then(startTurn)
    return lastTurn
  }
}
