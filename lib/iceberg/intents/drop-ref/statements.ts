import { pythonString } from '@/lib/connect/quoting'
import type { IntentStatements } from '@/lib/iceberg/statements/intent-statement'
import { refStep } from '@/lib/iceberg/statements/pyiceberg-code'
import { requireRef } from '@/lib/iceberg/edits/ref-edits'
import { dropRefInSpark, safetyTagInPyiceberg, withSafetyTag } from '@/lib/iceberg/statements/ref-statements'
import { TRINO_REFS } from '@/lib/iceberg/statements/trino-sql'
import type { DropRef } from './words'

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
