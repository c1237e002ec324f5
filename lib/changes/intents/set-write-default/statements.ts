import { requireNamedColumn } from '@/lib/changes/edits/column-edits'
import { readDefault } from '@/lib/changes/edits/default-edits'
import { type IntentStatements, isMissing } from '@/lib/changes/statements/intent-statement'
import { pythonDefault, pythonPath, schemaStep } from '@/lib/changes/statements/pyiceberg-code'
import { columnLabel } from '@/lib/changes/edits/column-target'
import { TRINO_DEFAULTS } from '@/lib/changes/statements/trino-sql'
import type { SetWriteDefault } from './describe'

export const setWriteDefaultStatements: IntentStatements<SetWriteDefault> = {
  spark: () => ({ reason: 'Spark 3.5 cannot set the default of a column of an Iceberg table.' }),
  trino: () => TRINO_DEFAULTS,
  pyiceberg: (draft, intent) => {
    const { field, path } = requireNamedColumn(draft, intent)
    const value = readDefault(field.type, intent.value, { column: columnLabel(path), which: 'write' })
    if (value === undefined && field.required) return { reason: 'PyIceberg keeps the default of a required column.' }
    const text = value === undefined ? 'None' : pythonDefault(field.type, value)
    return isMissing(text) ? text : [schemaStep([`set_default_value(${pythonPath(path)}, ${text})`])]
  },
}
