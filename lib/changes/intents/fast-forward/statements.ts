import type { IntentStatements } from '@/lib/changes/statements/intent-statement'
import { moveInPyiceberg, moveInTrino } from '@/lib/changes/statements/ref-statements'
import { callInSpark, sparkString } from '@/lib/changes/statements/spark-sql'
import type { FastForward } from './describe'

export const fastForwardStatements: IntentStatements<FastForward> = {
  spark: (_draft, { refName, toRefName }, table) => [
    callInSpark(table, 'fast_forward', [`branch => ${sparkString(refName)}`, `to => ${sparkString(toRefName)}`]),
  ],
  trino: (_draft, intent, table) => moveInTrino({ ...intent, safetyTag: null }, table),
  // It has no fast-forward, and moves a branch to any snapshot.
  pyiceberg: (draft, intent) => moveInPyiceberg(draft, { ...intent, safetyTag: null }),
}
