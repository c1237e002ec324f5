import type { IntentStatements } from '@/lib/changes/statements/intent-statement'
import type { SetCurrentSchema } from './describe'

export const setCurrentSchemaStatements: IntentStatements<SetCurrentSchema> = {
  spark: () => ({ reason: 'Spark has no statement that chooses an earlier schema.' }),
  trino: () => ({ reason: 'Trino has no statement that chooses an earlier schema.' }),
  pyiceberg: () => ({ reason: 'PyIceberg cannot choose an earlier schema.' }),
}
