import type { IntentStatements } from '@/lib/changes/statements/intent-statement'
import { setInPyiceberg, setInSpark, setInTrino } from '@/lib/changes/statements/property-statements'
import type { SetProperty } from './describe'

export const setPropertyStatements: IntentStatements<SetProperty> = {
  spark: (_draft, { key, value }, table) => setInSpark([[key, value]], table),
  trino: (_draft, { key, value }, table) => setInTrino(key, value, table),
  pyiceberg: (_draft, { key, value }) => [setInPyiceberg([[key, value]])],
}
