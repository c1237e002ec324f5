import { pythonString } from '@/lib/connect/quoting'
import { type IntentStatements, isMissing } from '@/lib/iceberg/statements/intent-statement'
import { refStep, setRefInPyiceberg } from '@/lib/iceberg/statements/pyiceberg-code'
import { requireRef } from '@/lib/iceberg/edits/ref-edits'
import { dropRefInSpark, refInSpark } from '@/lib/iceberg/statements/ref-statements'
import { TRINO_REFS } from '@/lib/iceberg/statements/trino-sql'
import type { RenameRef } from './words'

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
