import type { IntentStatements, Missing } from '@/lib/changes/statements/intent-statement'
import { dropRefInSpark } from '@/lib/changes/statements/ref-statements'
import { refStep } from '@/lib/changes/statements/pyiceberg-code'
import { requireRef } from '@/lib/changes/edits/ref-edits'
import { pythonString } from '@/lib/sql/quoting'
import { callInSpark } from '@/lib/changes/statements/spark-sql'
import type { ExpireSnapshots } from './describe'

/** A statement with more ids is too long to run by hand. */
const MAX_NAMED_IDS = 1_000
const TOO_MANY: Missing = { reason: `The statement would name more than ${MAX_NAMED_IDS} snapshots.` }

/** Spark removes the files at once. */
export const expireSnapshotsStatements: IntentStatements<ExpireSnapshots> = {
  spark: (draft, { snapshotIds, refNames }, table) => {
    if (snapshotIds.length > MAX_NAMED_IDS) return TOO_MANY
    const drops = refNames.map((name) => dropRefInSpark(name, requireRef(draft, name).type, table))
    // All snapshots are younger than this, so only the named ones expire.
    const age = `older_than => TIMESTAMP '1970-01-01 00:00:00'`
    const ids = `snapshot_ids => ARRAY(${snapshotIds.map((id) => `${id}L`).join(', ')})`
    return [...drops, ...(snapshotIds.length === 0 ? [] : [callInSpark(table, 'expire_snapshots', [age, ids])])]
  },
  trino: () => ({ reason: 'Trino 476 expires by age alone, and not the snapshots that are named.' }),
  pyiceberg: (draft, { snapshotIds, refNames }) => {
    if (snapshotIds.length > MAX_NAMED_IDS) return TOO_MANY
    return [
      ...(refNames.length === 0
        ? []
        : [refStep(refNames.map((name) => `remove_${requireRef(draft, name).type}(${pythonString(name)})`))]),
      ...(snapshotIds.length === 0
        ? []
        : [
            {
              update: 'expiry' as const,
              lines: [`table.maintenance.expire_snapshots().by_ids([${snapshotIds.join(', ')}]).commit()`],
            },
          ]),
    ]
  },
}
