import { type IntentStatements } from '@/lib/changes/statements/intent-statement'
import { refStep, setRefInPyiceberg } from '@/lib/changes/statements/pyiceberg-code'
import { withRetention } from '@/lib/changes/edits/ref-edits'
import { refInSpark } from '@/lib/changes/statements/ref-statements'
import { TRINO_REFS } from '@/lib/changes/statements/trino-sql'
import type { CreateRef } from './describe'

export const createRefStatements: IntentStatements<CreateRef> = {
  spark: (_draft, { refName, type, snapshotId, retention }, table) =>
    refInSpark('CREATE', refName, withRetention({ type, snapshotId }, retention), table),
  trino: () => TRINO_REFS,
  pyiceberg: (_draft, { refName, type, snapshotId, retention }) => [
    refStep([setRefInPyiceberg(refName, withRetention({ type, snapshotId }, retention))]),
  ],
}
