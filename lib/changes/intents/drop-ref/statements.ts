import { pythonString } from '@/lib/sql/quoting'
import type { IntentStatements } from '@/lib/changes/statements/intent-statement'
import { refStep } from '@/lib/changes/statements/pyiceberg-code'
import { requireRef } from '@/lib/changes/edits/ref-edits'
import { dropRefInSpark, safetyTagInPyiceberg, withSafetyTag } from '@/lib/changes/statements/ref-statements'
import { TRINO_REFS } from '@/lib/changes/statements/trino-sql'
import type { DropRef } from './describe'

export const dropRefStatements: IntentStatements<DropRef> = {
  spark: (draft, { refName, snapshotId, safetyTag }, table) =>
    withSafetyTag(
      { safetyTag, fromSnapshotId: snapshotId },
      [dropRefInSpark(refName, requireRef(draft, refName).type, table)],
      table,
    ),
  trino: () => TRINO_REFS,
  pyiceberg: (draft, { refName, snapshotId, safetyTag }) => [
    refStep([
      ...safetyTagInPyiceberg(safetyTag, snapshotId),
      `remove_${requireRef(draft, refName).type}(${pythonString(refName)})`,
    ]),
  ],
}
