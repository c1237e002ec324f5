import { AppError } from '@/lib/errors'
import { currentSchema } from '../../../iceberg/metadata/current-layout'
import { canPromote } from '../../../iceberg/schema/promotion'
import { indexFields } from '../../../iceberg/schema/schema'
import type { Schema } from '../../../iceberg/schema/types'
import { columnLabel } from '@/lib/changes/edits/column-target'
import { rulesBrokenBy } from '../broken-rules'
import { returnToSchema } from '../layout-reverse'
import type { IntentChange } from '../intent-change'
import type { TableDraft } from '@/lib/changes/edits/table-draft'
import type { SetCurrentSchema } from './describe'

export const setCurrentSchema = {
  compare: (metadata, { schemaId, base }) => ({
    base: `id ${base}`,
    current: `id ${metadata.currentSchemaId}`,
    requested: `id ${schemaId}`,
  }),
  rebase: (metadata, intent) => ({ ...intent, base: metadata.currentSchemaId }),
  apply: (draft, { schemaId }) => {
    const schema = draft.base.schemas.find((one) => one.schemaId === schemaId)
    if (!schema)
      throw new AppError('not-found', `The table no longer has the schema ${schemaId}.`, { facts: { schemaId } })
    requireReadable(draft, schema)
    draft.schema = { ...schema, schemaId: draft.schema.schemaId }
  },
  warnings: (draft, { schemaId }) => {
    const schema = draft.base.schemas.find((one) => one.schemaId === schemaId)
    return schema ? rulesBrokenBy(draft, schema) : []
  },
  reverse: returnToSchema,
} satisfies IntentChange<SetCurrentSchema>

/** Data that was written with the current schema must fit the chosen one. */
function requireReadable({ base }: TableDraft, chosen: Schema): void {
  const isWritten = base.snapshots.some(({ schemaId }) => schemaId === base.currentSchemaId)
  if (!isWritten) return
  const now = indexFields(currentSchema(base))
  for (const { field, path } of indexFields(chosen).values()) {
    const written = now.get(field.id)
    if (!written) {
      if (field.required) throw unreadableError(path, 'was not written by every commit since, and is required in it')
      continue
    }
    if (field.required && !written.field.required) throw unreadableError(path, 'may already have nulls')
    const [narrow, wide] = [field.type, written.field.type]
    if (typeof narrow === 'string' && typeof wide === 'string' && canPromote(narrow, wide))
      throw unreadableError(path, `was written as ${wide} since, which does not fit into ${narrow}`)
  }
}

function unreadableError(path: readonly string[], problem: string): AppError {
  return new AppError('invalid-request', `The table cannot return to this schema: ${columnLabel(path)} ${problem}.`, {
    facts: { column: columnLabel(path) },
  })
}
