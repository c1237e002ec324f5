import type { IntentStatements } from '@/lib/changes/statements/intent-statement'
import { removeInPyiceberg, removeInSpark } from '@/lib/changes/statements/property-statements'
import type { RemoveProperty } from './describe'

export const removePropertyStatements: IntentStatements<RemoveProperty> = {
  spark: (_draft, { key }, table) => removeInSpark([key], table),
  trino: (_draft, { key }, table) =>
    key === 'comment' ? [`COMMENT ON TABLE ${table} IS NULL`] : { reason: 'Trino 476 cannot remove a property.' },
  pyiceberg: (_draft, { key }) => [removeInPyiceberg([key])],
}
