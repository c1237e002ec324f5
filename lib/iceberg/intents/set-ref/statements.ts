import type { IntentStatements } from '../intent-statement'
import { moveInPyiceberg, moveInSpark, moveInTrino } from '../ref-statements'
import type { SetRef } from './words'

export const setRefStatements: IntentStatements<SetRef> = {
  spark: moveInSpark,
  trino: (_draft, intent, table) => moveInTrino(intent, table),
  pyiceberg: moveInPyiceberg,
}
