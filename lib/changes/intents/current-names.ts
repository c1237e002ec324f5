import { indexFields } from '@/lib/iceberg/schema/schema'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { Intent } from './intent'

/**
 * The intents with the names that their columns have now, by field id, for their sentences. Not for a request: a rename
 * by another client is found by the name that the person saw. A column that is gone keeps that name.
 *
 * @param schema null: the names stay
 */
export function withCurrentNames(intents: readonly Intent[], schema: Schema | null): readonly Intent[] {
  if (schema === null) return intents
  const fields = indexFields(schema)
  return intents.map((intent) => {
    if (intent.kind === 'set-identifier-fields') {
      const columns = intent.columns.map((column, i) => fields.get(intent.fieldIds[i] ?? Number.NaN)?.path ?? column)
      return { ...intent, columns }
    }
    if (!('fieldId' in intent)) return intent
    const now = fields.get(intent.fieldId)
    return now ? { ...intent, column: now.path } : intent
  })
}
