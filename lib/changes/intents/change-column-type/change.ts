import { AppError } from '@/lib/errors'
import { currentSchema } from '../../../iceberg/metadata/current-layout'
import { normalizePrimitiveType } from '../../../iceberg/schema/primitive'
import { canPromote } from '../../../iceberg/schema/promotion'
import { typeLabel } from '../../../iceberg/schema/type-label'
import { findColumn, rebaseColumn, requireColumn, updateColumn } from '@/lib/changes/edits/column-edits'
import { columnLabel } from '@/lib/changes/edits/column-target'
import { returnToSchema } from '../layout-reverse'
import type { IntentChange } from '../intent-change'
import type { ChangeColumnType } from './describe'

export const changeColumnType = {
  compare: (metadata, { fieldId, base, type }) => {
    const now = findColumn(currentSchema(metadata), fieldId)
    return { base, current: now && typeLabel(now.field.type), requested: type }
  },
  rebase: (metadata, intent) => {
    const now = findColumn(currentSchema(metadata), intent.fieldId)
    const rebased = rebaseColumn(metadata, intent)
    return now && rebased && { ...rebased, base: typeLabel(now.field.type) }
  },
  apply: (draft, intent) => {
    const { field, path } = requireColumn(draft, intent)
    const type = normalizePrimitiveType(intent.type)
    if (type === null) throw new AppError('invalid-request', `${intent.type} is not a type of Iceberg.`)
    if (typeof field.type !== 'string' || !canPromote(field.type, type)) {
      throw new AppError(
        'invalid-request',
        `${columnLabel(path)} cannot become ${type}: its data files have ${typeLabel(field.type)}.`,
        { facts: { column: columnLabel(path), type } },
      )
    }
    updateColumn(draft, field.id, (column) => ({ ...column, type }))
  },
  warnings: ({ base, schema }, { fieldId, column, type }) => {
    const from = findColumn(schema, fieldId)?.field.type
    if (base.currentSnapshotId === null) return []
    if (from === 'float' && type === 'double')
      return [
        `Trino 476 cannot filter by ${columnLabel(column)} until files with the earlier type are rewritten (trinodb/trino#30544).`,
      ]
    if (from === 'int' && type === 'long')
      return [`Trino up to 481 cannot filter by ${columnLabel(column)} until the next write (trinodb/trino#29802).`]
    return []
  },
  reverse: returnToSchema,
} satisfies IntentChange<ChangeColumnType>
