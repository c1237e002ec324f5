import type { IntentStatements } from '@/lib/changes/statements/intent-statement'
import { moveInPyiceberg, moveInSpark, moveInTrino } from '@/lib/changes/statements/ref-statements'
import type { SetRef } from './describe'

export const setRefStatements: IntentStatements<SetRef> = {
  spark: moveInSpark,
  trino: (_draft, intent, table) => moveInTrino(intent, table),
  pyiceberg: moveInPyiceberg,
}
