import { AppError } from '@/lib/errors'
import { currentSchema } from '../../iceberg/metadata/current-layout'
import { columnCompression, columnLevelProblem } from '../../iceberg/properties/column-compression'
import { measuredColumnProblem } from '../../iceberg/properties/column-properties'
import {
  COLUMN_SETTINGS,
  isUnknownColumnSetting,
  parseColumnSettingKey,
} from '../../iceberg/properties/column-settings'
import {
  CODEC_PROPERTY,
  codecLevelRange,
  LEVEL_PROPERTY,
  levelProblem,
  tableCompression,
} from '../../iceberg/properties/compression'
import { propertyValueProblem } from '../../iceberg/properties/property-problem'
import { isReservedProperty } from '../../iceberg/properties/table-properties'
import { isRuleKey, RULE_PREFIX } from '../../iceberg/properties/value-rules'
import { findFieldByName, indexFields } from '../../iceberg/schema/schema'
import { requireRuleCount, toColumnRule } from '../../rules/column-rules'
import { columnLabel } from './column-target'
import { columnOfSetting } from './setting-of-column'
import type { TableDraft } from './table-draft'
import { propertyValue } from '../../iceberg/properties/property-value'

/** Checks which properties of a table can be set, and their values. All throw {AppError} invalid-request. */

export function requireSettableKey(key: string): void {
  if (key.trim() === '' || key !== key.trim()) {
    throw new AppError('invalid-request', 'A property name must not be empty or have spaces around it')
  }
  if (/\p{Cc}/u.test(key)) throw new AppError('invalid-request', 'A property name must not have control characters')
  if (isReservedProperty(key)) {
    throw new AppError('invalid-request', `${key} is part of the table’s metadata and cannot be set as a property`, {
      facts: { key },
    })
  }
}

export function requireSettableValue(key: string, value: string): void {
  const problem = propertyValueProblem(key, value)
  if (problem !== null) throw new AppError('invalid-request', `${key} ${problem}`, { facts: { key } })
}

export function requireMeasuredColumn({ schema }: Pick<TableDraft, 'schema'>, key: string): void {
  const problem = measuredColumnProblem((name) => findFieldByName(schema, name) !== null, key)
  if (problem !== null) throw new AppError('invalid-request', problem, { facts: { key } })
}

/** The names of a column in an intent must match the id in its key: people decide by the names. */
export function requireNamedSetting(
  { base, schema }: Pick<TableDraft, 'base' | 'schema'>,
  key: string,
  column: readonly string[] | undefined,
): void {
  if (column === undefined) return
  const named = [currentSchema(base), schema].map((one) => columnOfSetting(one, key)?.join('.') ?? null)
  if (named.includes(columnLabel(column))) return
  throw new AppError(
    'invalid-request',
    named[1] == null
      ? `${key} is not about the column ${columnLabel(column)}.`
      : `${key} is about the column ${named[1]}, not ${columnLabel(column)}. Discard the change and make it again.`,
    { facts: { key, column: columnLabel(column) } },
  )
}

/** Levels are valid only for a codec, so both are checked together, as they will be after the commit. */
export function requireValidCompression(draft: TableDraft): void {
  requireValidTableLevel(draft)
  requireValidColumnSettings(draft)
}

/**
 * Rules that are set have to fit the columns as they will be after the commit. Others are left to the loads: a rule that
 * an engine has set must not block changes of other properties.
 */
export function requireFittingRules({ base, schema, properties }: TableDraft): void {
  const rules = [...properties].filter(([key]) => isRuleKey(key))
  const changed = rules.filter(([key, value]) => propertyValue(base.properties, key) !== value)
  for (const [key, value] of changed) toColumnRule(key.slice(RULE_PREFIX.length), value, schema)
  if (changed.length > 0) requireRuleCount(rules.length)
}

function requireValidTableLevel({ base, properties }: TableDraft): void {
  const hasChanged = (key: string): boolean => propertyValue(base.properties, key) !== (properties.get(key) ?? null)
  if (!hasChanged(CODEC_PROPERTY) && !hasChanged(LEVEL_PROPERTY)) return
  const { [LEVEL_PROPERTY]: level, ...rest } = Object.fromEntries(properties)
  const { codec } = tableCompression(rest)
  if (level === undefined) return
  const problem = levelProblem(codec, level)
  // A level left over from another codec may stay when the new codec has no levels: engines ignore it.
  const isLeftOver = !hasChanged(LEVEL_PROPERTY) && codecLevelRange(codec) === null
  if (problem !== null && !isLeftOver) {
    throw new AppError('invalid-request', `${LEVEL_PROPERTY} ${problem}`, {
      facts: { key: LEVEL_PROPERTY, codec, level },
    })
  }
}

function requireValidColumnSettings({ base, schema, properties }: TableDraft): void {
  const after = Object.fromEntries(properties)
  const columns = indexFields(schema)
  for (const [key, value] of properties) {
    const isChanged = propertyValue(base.properties, key) !== value
    const parsed = parseColumnSettingKey(key)
    if (parsed === null) {
      if (!isChanged || !isUnknownColumnSetting(key)) continue
      const names = COLUMN_SETTINGS.join(', ')
      throw new AppError('invalid-request', `${key} should end in the id of a column and one of ${names}`, {
        facts: { key },
      })
    }
    const { fieldId, setting } = parsed
    const column = columns.get(fieldId)
    if (isChanged && typeof column?.field.type !== 'string') {
      const reason = column ? 'has columns within it, which have the settings' : 'is not in the schema'
      throw new AppError('invalid-request', `${key}: the column with the id ${fieldId} ${reason}`, { facts: { key } })
    }
    if (setting !== 'compression-level' || !column) continue
    const { codec } = columnCompression(after, fieldId)
    const isOtherCodec = codec !== columnCompression(base.properties, fieldId).codec
    if (!isChanged && !isOtherCodec) continue
    const problem = columnLevelProblem(after, fieldId, value)
    if (problem === null) continue
    throw new AppError('invalid-request', `The compression level of ${columnLabel(column.path)} ${problem}`, {
      facts: { key, codec, level: value },
    })
  }
}
