import { MAIN_BRANCH } from '../../../iceberg/metadata/metadata-json'
import type { IntentStatements } from '@/lib/changes/statements/intent-statement'
import { moveInPyiceberg, moveInTrino, withSafetyTag } from '@/lib/changes/statements/ref-statements'
import { callInSpark } from '@/lib/changes/statements/spark-sql'
import type { RollBack } from './describe'

export const rollBackStatements: IntentStatements<RollBack> = {
  spark: (_draft, intent, table) =>
    withSafetyTag(
      intent,
      [callInSpark(table, 'rollback_to_snapshot', [`snapshot_id => ${intent.toSnapshotId}`])],
      table,
    ),
  trino: (_draft, intent, table) => moveInTrino({ ...intent, refName: MAIN_BRANCH }, table),
  pyiceberg: (draft, intent) => moveInPyiceberg(draft, { ...intent, refName: MAIN_BRANCH }),
}
