import { pythonString } from '@/lib/sql/quoting'
import { type IntentStatements, isMissing } from '@/lib/changes/statements/intent-statement'
import { refStep, setRefInPyiceberg } from '@/lib/changes/statements/pyiceberg-code'
import { requireRef } from '@/lib/changes/edits/ref-edits'
import { dropRefInSpark, refInSpark } from '@/lib/changes/statements/ref-statements'
import { TRINO_REFS } from '@/lib/changes/statements/trino-sql'
import type { RenameRef } from './describe'

/** The engines have no renaming: the ref is created under its new name first, so that its snapshots stay reachable. */
export const renameRefStatements: IntentStatements<RenameRef> = {
  spark: (draft, { refName, name }, table) => {
    const ref = requireRef(draft, refName)
    const created = refInSpark('CREATE', name, ref, table)
    return isMissing(created) ? created : [...created, dropRefInSpark(refName, ref.type, table)]
  },
  trino: () => TRINO_REFS,
  pyiceberg: (draft, { refName, name }) => {
    const ref = requireRef(draft, refName)
    return [refStep([setRefInPyiceberg(name, ref), `remove_${ref.type}(${pythonString(refName)})`])]
  },
}
