import { findColumn, siblingsOf } from '../edits/column-edits'
import type { TableDraft } from '../edits/table-draft'
import { indexFields } from '../../iceberg/schema/schema'
import type { NestedField, Schema } from '../../iceberg/schema/types'
import type { AddColumn } from './add-column/describe'
import type { DropColumn } from './drop-column/describe'
import type { Intent } from './intent'
import type { RenameColumn } from './rename-column/describe'

/**
 * Names that columns hand to each other in one commit. Iceberg asks only that the names of the final schema differ, but
 * intents, and the statements of engines, are carried out one after the other. So a column whose name is needed before
 * the commit renames or drops the column gets a temporary name first.
 */

/** Renames to temporary names that have to come before an intent; none for most. */
export function renamesBefore(draft: TableDraft, intents: readonly Intent[], index: number): RenameColumn[] {
  const intent = intents[index]
  if (intent?.kind !== 'add-column' && intent?.kind !== 'rename-column') return []
  const later = intents.slice(index + 1)
  const name = intent.name.toLowerCase()
  const used = usedNames(draft, intents)
  return namesakesOf(draft.schema, intent).flatMap((holder): RenameColumn[] => {
    // In case alone is too near, too.
    if (holder.name.toLowerCase() !== name) return []
    const freeing = later.find((one) => isFreeing(one, holder))
    const column = findColumn(draft.schema, holder.id)?.path
    if (freeing === undefined || column === undefined) return []
    const temporary = freeName(column, used)
    // The properties of a dropped column stay as they are; the intent of a renamed one decides about its properties.
    const movesProperties = freeing.kind === 'rename-column' && freeing.movesProperties
    return [{ kind: 'rename-column', fieldId: holder.id, column, name: temporary, movesProperties }]
  })
}

/** Whether the column of the table that has the name of a new one is dropped or renamed by the same commit. */
export function isNameFreed(schema: Schema, intents: readonly Intent[], intent: AddColumn): boolean {
  const holder = siblingsOf(schema, intent.parentId).find(({ name }) => name === intent.name)
  return holder !== undefined && intents.some((one) => isFreeing(one, holder))
}

/** How many names the warning has. */
const MAX_NAMED = 5

/** Warns when columns that stay have handed their names to others; null when no column has. */
export function handedOverWarning(before: Schema, after: Schema): string | null {
  const idsAfter = new Map([...indexFields(after).values()].map(({ field, path }) => [path.join('.'), field.id]))
  const staying = new Set(idsAfter.values())
  const names = [...indexFields(before).values()].flatMap(({ field, path }) => {
    const idNow = idsAfter.get(path.join('.'))
    return idNow === undefined || idNow === field.id || !staying.has(field.id) ? [] : [path.join('.')]
  })
  if (names.length === 0) return null
  const named = names.slice(0, MAX_NAMED).join(', ')
  const others = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : ''
  return `Queries that name ${named}${others} find another column there afterwards, and fail or return its values. The same holds for settings that name a column.`
}

function isFreeing(intent: Intent, holder: NestedField): intent is DropColumn | RenameColumn {
  if (intent.kind !== 'drop-column' && intent.kind !== 'rename-column') return false
  return intent.fieldId === holder.id && (intent.kind === 'drop-column' || intent.name !== holder.name)
}

/** The columns next to the one that gets a name. */
function namesakesOf(schema: Schema, intent: AddColumn | RenameColumn): readonly NestedField[] {
  if (intent.kind === 'add-column') return siblingsOf(schema, intent.parentId)
  const renamed = findColumn(schema, intent.fieldId)
  return renamed === null ? [] : siblingsOf(schema, renamed.parentId).filter(({ id }) => id !== intent.fieldId)
}

/** In lower case: names of columns with and without their parents, of partition fields, and names that intents give. */
function usedNames({ schema, partitionFields }: TableDraft, intents: readonly Intent[]): ReadonlySet<string> {
  const names = [...indexFields(schema).values()].flatMap(({ field, path }) => [field.name, path.join('.')])
  const given = intents.flatMap((intent) => ('name' in intent ? [intent.name] : []))
  return new Set([...names, ...partitionFields.map(({ name }) => name), ...given].map((name) => name.toLowerCase()))
}

function freeName(column: readonly string[], used: ReadonlySet<string>): string {
  for (let count = 1; ; count += 1) {
    const name = `${column.at(-1) ?? ''}_temporary${count === 1 ? '' : `_${count}`}`
    const dotted = [...column.slice(0, -1), name].join('.')
    if (!used.has(name.toLowerCase()) && !used.has(dotted.toLowerCase())) return name
  }
}
