import {
  type IntentStatements,
  isMissing,
  type Missing,
  type PythonStep,
} from '@/lib/changes/statements/intent-statement'
import { returnToFields } from '@/lib/changes/edits/partition-edits'
import {
  addFieldInPyiceberg,
  addFieldInSpark,
  removeFieldInPyiceberg,
  removeFieldInSpark,
} from '@/lib/changes/statements/partition-statements'
import { partitionInTrino } from '@/lib/changes/statements/trino-sql'
import type { SetDefaultSpec } from './describe'

const OTHER_ORDER: Missing = {
  reason:
    'Adding and dropping fields does not lead to this partition spec: its fields have another order or other names.',
}

/** No engine chooses a spec by its id: they find the earlier one by its fields. */
export const setDefaultSpecStatements: IntentStatements<SetDefaultSpec> = {
  spark: (draft, { specId }, table) => {
    const steps = returnToFields(draft, specId)
    if (steps === null) return OTHER_ORDER
    const parts = [
      ...steps.removed.map((field) => removeFieldInSpark(draft, field, table)),
      ...steps.added.map((field) => addFieldInSpark(draft, field, table)),
    ]
    return parts.find((part) => isMissing(part)) ?? parts.flatMap((part) => (isMissing(part) ? [] : part))
  },
  trino: (draft, { specId }, table) => {
    const steps = returnToFields(draft, specId)
    if (steps === null) return OTHER_ORDER
    const removed = new Set(steps.removed.map(({ fieldId }) => fieldId))
    const retained = draft.partitionFields.filter(({ fieldId }) => !removed.has(fieldId))
    return partitionInTrino(draft, [...retained, ...steps.added], table)
  },
  pyiceberg: (draft, { specId }) => {
    const steps = returnToFields(draft, specId)
    if (steps === null) return OTHER_ORDER
    const parts = [
      ...steps.removed.map(removeFieldInPyiceberg),
      ...steps.added.map((field) => addFieldInPyiceberg(draft, field)),
    ]
    const found = parts.flatMap((part): readonly PythonStep[] => (isMissing(part) ? [] : part))
    const update: PythonStep = { update: 'spec', lines: found.flatMap(({ lines }) => lines), imports: ['transforms'] }
    return parts.find((part) => isMissing(part)) ?? (found.length === 0 ? [] : [update])
  },
}
