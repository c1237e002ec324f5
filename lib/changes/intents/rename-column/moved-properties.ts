import { columnProperties } from '../../../iceberg/properties/column-properties'
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

/** A property of the table that names the column, and its key once it is renamed. */
export type MovedProperty = { key: string; movedKey: string; value: string }

/** @param path of the column before it is renamed */
export function movedProperties(
  { properties }: Pick<TableDraft, 'properties'>,
  { name, movesProperties }: Pick<RenameColumn, 'name' | 'movesProperties'>,
  path: readonly string[],
): MovedProperty[] {
  if (!movesProperties) return []
  const renamed = columnLabel([...path.slice(0, -1), name])
  return columnProperties(properties, columnLabel(path)).map(({ key, prefix, rest, value }) => ({
    key,
    movedKey: `${prefix}${renamed}${rest}`,
    value,
  }))
}

export function renamePropertiesInSpark(moved: readonly MovedProperty[], table: SparkTable): SqlStatements {
  if (moved.length === 0) return []
  const removed = removeInSpark(
    moved.map(({ key }) => key),
    table,
  )
  const set = setInSpark(
    moved.map(({ movedKey, value }) => [movedKey, value]),
    table,
  )
  if (isMissing(removed)) return removed
  return isMissing(set) ? set : [...removed, ...set]
}

export function renamePropertiesInPyiceberg(moved: readonly MovedProperty[]): PythonStep[] {
  if (moved.length === 0) return []
  return [
    removeInPyiceberg(moved.map(({ key }) => key)),
    setInPyiceberg(moved.map(({ movedKey, value }) => [movedKey, value])),
  ]
}
