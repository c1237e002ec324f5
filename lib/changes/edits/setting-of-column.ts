import { COLUMN_SETTING_LABELS, parseColumnSettingKey } from '../../iceberg/properties/column-settings'
import { parseColumnAboutKey } from '../../iceberg/properties/column-about'
import { indexFields } from '../../iceberg/schema/schema'
import type { Schema } from '../../iceberg/schema/types'
import { columnLabel } from './column-target'

/** *the codec of `leg.tail`*: a property of a column that its key names by an id; null for others. */
export function settingOfColumn(key: string, column: readonly string[] | undefined): [string, { name: string }] | null {
  const label = parseKey(key)?.label
  return label !== undefined && column ? [`the ${label} of`, { name: columnLabel(column) }] : null
}

/** The names of the column that a property is about, from the top; null for a property of the table. */
export function columnOfSetting(schema: Pick<Schema, 'fields'>, key: string): readonly string[] | null {
  const parsed = parseKey(key)
  return (parsed && indexFields(schema).get(parsed.fieldId)?.path) ?? null
}

function parseKey(key: string): { fieldId: number; label: string } | null {
  const parsed = parseColumnSettingKey(key)
  return parsed ? { fieldId: parsed.fieldId, label: COLUMN_SETTING_LABELS[parsed.setting] } : parseColumnAboutKey(key)
}
