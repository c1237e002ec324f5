import type { IntentStatements } from '@/lib/iceberg/statements/intent-statement'
import { moveInPyiceberg, moveInSpark, moveInTrino } from '@/lib/iceberg/statements/ref-statements'
import type { SetRef } from './words'

export const setRefStatements: IntentStatements<SetRef> = {
  spark: moveInSpark,
  trino: (_draft, intent, table) => moveInTrino(intent, table),
  pyiceberg: moveInPyiceberg,
}
