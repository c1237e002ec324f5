import type { SqlFunction } from '@/lib/query/engine'
import { loadQuerySession } from './query-run'

let known: readonly SqlFunction[] = []
let isRequested = false

/** The engine's functions; none until the engine has started and listed them, which the first call begins. */
export function knownFunctions(): readonly SqlFunction[] {
  if (!isRequested) {
    isRequested = true
    loadQuerySession()
      .then((session) => session.listFunctions())
      .then(
        (functions) => {
          known = functions
        },
        () => {
          // The next completion tries again; a query reports what fails.
          isRequested = false
        },
      )
  }
  return known
}
