import { pythonString } from '@/lib/sql/quoting'
import { columnPath } from '@/lib/changes/edits/column-edits'
import { columnLabel } from '@/lib/changes/edits/column-target'
import type { IntentStatements } from '@/lib/changes/statements/intent-statement'
import { schemaStep } from '@/lib/changes/statements/pyiceberg-code'
import { alterInSpark, sparkColumn } from '@/lib/changes/statements/spark-sql'
import type { SetIdentifierFields } from './describe'

export const setIdentifierFieldsStatements: IntentStatements<SetIdentifierFields> = {
  spark: (draft, { fieldIds }, table) => {
    const [verb, ids] = fieldIds.length === 0 ? ['DROP', draft.schema.identifierFieldIds] : ['SET', fieldIds]
    if (ids.length === 0) return []
    const columns = ids.map((id) => sparkColumn(columnPath(draft, id)))
    return [alterInSpark(table, `${verb} IDENTIFIER FIELDS ${columns.join(', ')}`)]
  },
  trino: () => ({ reason: 'Trino has no identifier fields.' }),
  pyiceberg: (draft, { fieldIds }) => {
    const names = fieldIds.map((id) => pythonString(columnLabel(columnPath(draft, id))))
    return [schemaStep([`set_identifier_fields(${names.join(', ')})`])]
  },
}
