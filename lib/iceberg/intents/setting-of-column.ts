import { COLUMN_SETTING_WORDS, parseColumnSettingKey } from '../properties/column-settings'
import { indexFields } from '../schema/schema'
import type { Schema } from '../schema/types'
import { columnLabel } from './column-target'
import type { WordPart } from './intent-kind'

/** *the codec of `leg.tail`*: a property of a column that its key names by an id; null for others. */
export function settingOfColumn(key: string, column: readonly string[] | undefined): WordPart[] | null {
  const parsed = parseColumnSettingKey(key)
  return parsed && column ? [`the ${COLUMN_SETTING_WORDS[parsed.setting]} of`, { name: columnLabel(column) }] : null
}

/** The names of the column that a property is about, from the top; null for a property of the table. */
export function columnOfSetting(schema: Pick<Schema, 'fields'>, key: string): readonly string[] | null {
  const parsed = parseColumnSettingKey(key)
  return (parsed && indexFields(schema).get(parsed.fieldId)?.path) ?? null
}
