import { type IntentStatements, type Missing } from '@/lib/changes/statements/intent-statement'
import { refStep, setRefInPyiceberg } from '@/lib/changes/statements/pyiceberg-code'
import { requireRef, retentionOf, withRetention } from '@/lib/changes/edits/ref-edits'
import { refInSpark } from '@/lib/changes/statements/ref-statements'
import { TRINO_REFS } from '@/lib/changes/statements/trino-sql'
import type { SetRefRetention } from './describe'

const SPARK_KEEPS: Missing = {
  reason: 'Spark can set the retention of a branch or a tag, but not remove a part of it.',
}

export const setRefRetentionStatements: IntentStatements<SetRefRetention> = {
  spark: (draft, { refName, retention }, table) => {
    const ref = requireRef(draft, refName)
    const before = retentionOf(ref)
    const parts = ['minSnapshotsToKeep', 'maxSnapshotAgeMs', 'maxRefAgeMs'] as const
    if (parts.some((part) => before[part] !== null && retention[part] === null)) return SPARK_KEEPS
    return refInSpark('REPLACE', refName, withRetention(ref, retention), table)
  },
  trino: () => TRINO_REFS,
  pyiceberg: (draft, { refName, retention }) => [
    refStep([setRefInPyiceberg(refName, withRetention(requireRef(draft, refName), retention))]),
  ],
}
