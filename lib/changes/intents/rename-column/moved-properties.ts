import { columnProperties } from '../../../iceberg/properties/column-properties'
import { renameInRule, rulesOfColumn } from '../../../iceberg/properties/value-rules'
import { columnLabel } from '@/lib/changes/edits/column-target'
import type { PythonStep, SparkTable, SqlStatements } from '@/lib/changes/statements/intent-statement'
import { isMissing } from '@/lib/changes/statements/intent-statement'
import {
  removeInPyiceberg,
  removeInSpark,
  setInPyiceberg,
  setInSpark,
} from '@/lib/changes/statements/property-statements'
import type { TableDraft } from '@/lib/changes/edits/table-draft'
import type { RenameColumn } from './describe'

/** A property of the table that names the column in its key or its value, and both once the column is renamed. */
export type MovedProperty = { key: string; movedKey: string; value: string }

/** @param path of the column before it is renamed */
export function movedProperties(
  { properties }: Pick<TableDraft, 'properties'>,
  { name, movesProperties }: Pick<RenameColumn, 'name' | 'movesProperties'>,
  path: readonly string[],
): MovedProperty[] {
  if (!movesProperties) return []
  const renamed = columnLabel([...path.slice(0, -1), name])
  const settings = columnProperties(properties, columnLabel(path)).map(({ key, prefix, rest, value }) => ({
    key,
    movedKey: `${prefix}${renamed}${rest}`,
    value,
  }))
  return [...settings, ...movedRules(properties, path, name)]
}

/** Rules name top-level columns only. */
function movedRules(properties: TableDraft['properties'], path: readonly string[], name: string): MovedProperty[] {
  const [column, nested] = path
  if (column === undefined || nested !== undefined) return []
  return rulesOfColumn(properties, column).flatMap((key) => {
    const value = renameInRule(properties.get(key) ?? '', column, name)
    return value === null ? [] : [{ key, movedKey: key, value }]
  })
}

/** The keys that have to be removed: a rule has the same key with another value. */
function removedKeys(moved: readonly MovedProperty[]): string[] {
  return moved.filter(({ key, movedKey }) => key !== movedKey).map(({ key }) => key)
}

export function renamePropertiesInSpark(moved: readonly MovedProperty[], table: SparkTable): SqlStatements {
  if (moved.length === 0) return []
  const keys = removedKeys(moved)
  const removed = keys.length === 0 ? [] : removeInSpark(keys, table)
  const set = setInSpark(
    moved.map(({ movedKey, value }) => [movedKey, value]),
    table,
  )
  if (isMissing(removed)) return removed
  return isMissing(set) ? set : [...removed, ...set]
}

export function renamePropertiesInPyiceberg(moved: readonly MovedProperty[]): PythonStep[] {
  if (moved.length === 0) return []
  const keys = removedKeys(moved)
  return [
    ...(keys.length === 0 ? [] : [removeInPyiceberg(keys)]),
    setInPyiceberg(moved.map(({ movedKey, value }) => [movedKey, value])),
  ]
}
