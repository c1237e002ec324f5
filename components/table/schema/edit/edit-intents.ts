import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { AddColumn } from '@/lib/changes/intents/add-column/describe'
import { siblingsOf, updateColumn, updateSiblings, placeAfter } from '@/lib/changes/edits/column-edits'
import { type Intent, intentTarget } from '@/lib/changes/intents/intent'
import type { TableDraft } from '@/lib/changes/edits/table-draft'
import { defaultToJson } from '@/lib/iceberg/schema/default-value'
import { childFields } from '@/lib/iceberg/schema/child-fields'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import { typeToJson } from '@/lib/iceberg/schema/schema-json'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { SchemaDraft } from './schema-draft'

/**
 * Edits of columns as changes of the tray. An edit of an existing column is a separate intent, or none if it restores
 * the column. An edit of a new column, or within one, changes the intent that adds it.
 */

type Intents = readonly Intent[]

export type NewColumn = { rootId: number; intent: AddColumn }

/** The intent that adds the column, or an ancestor of it; null for an existing column. */
export function newColumnOf({ before, after }: SchemaDraft, intents: Intents, fieldId: number): NewColumn | null {
  if (before.has(fieldId)) return null
  let root = after.get(fieldId)
  while (root && root.parentId !== null && !before.has(root.parentId)) root = after.get(root.parentId)
  if (!root) return null
  const { field, parentId } = root
  const intent = intents.find(
    (one): one is AddColumn => one.kind === 'add-column' && one.parentId === parentId && one.name === field.name,
  )
  return intent ? { rootId: field.id, intent } : null
}

export function renameColumn(state: SchemaDraft, intents: Intents, fieldId: number, name: string): Intents {
  const added = newColumnOf(state, intents, fieldId)
  if (added) {
    const renamed = editNewColumn(state.draft, added, (copy) =>
      updateColumn(copy, fieldId, (one) => ({ ...one, name })),
    )
    const next = replaceIntent(intents, added.intent, renamed)
    return added.rootId === fieldId ? followName(next, added.intent, name) : next
  }
  const target = targetOf(state, fieldId)
  const known = intents.find((one) => one.kind === 'rename-column' && one.fieldId === fieldId)
  const movesProperties = known?.kind === 'rename-column' ? known.movesProperties : true
  return putOrDrop(intents, { kind: 'rename-column', ...target, name, movesProperties }, name === target.column.at(-1))
}

/** Whether the properties that name a renamed column follow it. */
export function moveProperties(intents: Intents, fieldId: number, movesProperties: boolean): Intents {
  return intents.map((one) =>
    one.kind === 'rename-column' && one.fieldId === fieldId ? { ...one, movesProperties } : one,
  )
}

export function changeType(state: SchemaDraft, intents: Intents, fieldId: number, type: Type): Intents {
  const added = newColumnOf(state, intents, fieldId)
  if (added) {
    const changed = editNewColumn(state.draft, added, (copy) =>
      updateColumn(copy, fieldId, (one) => ({ ...one, type })),
    )
    // A value of the old type is invalid for the new one.
    const isRoot = added.rootId === fieldId
    return replaceIntent(intents, added.intent, {
      ...changed,
      ...(isRoot && { initialDefault: null, writeDefault: null }),
    })
  }
  const base = typeLabel(state.before.get(fieldId)?.field.type ?? 'unknown')
  const requested = typeLabel(type)
  return putOrDrop(
    intents,
    { kind: 'change-column-type', ...targetOf(state, fieldId), type: requested, base },
    requested === base,
  )
}

export function setRequired(state: SchemaDraft, intents: Intents, fieldId: number, required: boolean): Intents {
  const added = newColumnOf(state, intents, fieldId)
  if (added) {
    const changed = editNewColumn(state.draft, added, (copy) =>
      updateColumn(copy, fieldId, (one) => ({ ...one, required })),
    )
    return replaceIntent(intents, added.intent, changed)
  }
  return putOrDrop(intents, { kind: 'make-column-optional', ...targetOf(state, fieldId) }, required)
}

export function describeColumn(state: SchemaDraft, intents: Intents, fieldId: number, doc: string | null): Intents {
  const added = newColumnOf(state, intents, fieldId)
  if (added) {
    const changed = editNewColumn(state.draft, added, (copy) =>
      updateColumn(copy, fieldId, ({ doc: _doc, ...one }) => (doc === null ? one : { ...one, doc })),
    )
    return replaceIntent(intents, added.intent, changed)
  }
  const base = state.before.get(fieldId)?.field.doc ?? null
  return putOrDrop(intents, { kind: 'set-column-doc', ...targetOf(state, fieldId), doc, base }, doc === base)
}

/** @param value JSON text; for a new column it is also the value of the existing rows */
export function setDefault(state: SchemaDraft, intents: Intents, fieldId: number, value: string | null): Intents {
  const added = newColumnOf(state, intents, fieldId)
  if (added)
    return replaceIntent(intents, added.intent, { ...added.intent, initialDefault: value, writeDefault: value })
  const base = writeDefaultText(state.before.get(fieldId)?.field)
  return putOrDrop(intents, { kind: 'set-write-default', ...targetOf(state, fieldId), value, base }, value === base)
}

/** Default for new data, as JSON text; null if the field has none. */
export function writeDefaultText(field: NestedField | undefined): string | null {
  if (field?.writeDefault === undefined) return null
  return stringifyExactJson(defaultToJson(field.type, field.writeDefault))
}

export function toggleIdentifier(state: SchemaDraft, intents: Intents, fieldId: number): Intents {
  const now = state.draft.schema.identifierFieldIds
  const base = state.draft.base.schemas.find((one) => one.schemaId === state.draft.base.currentSchemaId)
  const fieldIds = now.includes(fieldId) ? now.filter((id) => id !== fieldId) : [...now, fieldId]
  const before = base?.identifierFieldIds ?? []
  const columns = fieldIds.map((id) => state.before.get(id)?.path ?? [])
  const isBefore = fieldIds.length === before.length && fieldIds.every((id) => before.includes(id))
  return putOrDrop(intents, { kind: 'set-identifier-fields', fieldIds, columns, base: before }, isBefore)
}

/** A new column at the end of the table or of a struct, or after one of its columns. */
export function addColumn(
  state: SchemaDraft,
  intents: Intents,
  parentId: number | null,
  afterId: number | undefined,
): Intents {
  const siblings = siblingsOf(state.draft.schema, parentId)
  const name = freeName(siblings)
  const previous = siblings.find(({ id }) => id === afterId) ?? siblings.at(-1)
  const added = parentId === null ? null : newColumnOf(state, intents, parentId)
  if (added) {
    const changed = editNewColumn(state.draft, added, (copy) =>
      updateSiblings(copy, parentId, (fields) =>
        placeAfter(fields, { id: copy.lastColumnId + 1, name, required: false, type: 'string' }, previous?.id ?? null),
      ),
    )
    return replaceIntent(intents, added.intent, changed)
  }
  const intent: AddColumn = {
    kind: 'add-column',
    parentId,
    parent: parentId === null ? [] : (state.before.get(parentId)?.path ?? []),
    name,
    type: 'string',
    required: false,
    doc: null,
    initialDefault: null,
    writeDefault: null,
    after: previous ? referenceTo(state, previous) : null,
  }
  return [...intents, intent]
}

/** @param afterId the sibling that it follows; null: it is first */
export function moveColumn(state: SchemaDraft, intents: Intents, fieldId: number, afterId: number | null): Intents {
  const indexed = state.after.get(fieldId)
  if (!indexed) return intents
  const added = newColumnOf(state, intents, fieldId)
  const previous = afterId === null ? null : (state.after.get(afterId)?.field ?? null)
  const after = previous && referenceTo(state, previous)
  if (added && added.rootId !== fieldId) {
    const changed = editNewColumn(state.draft, added, (copy) =>
      updateSiblings(copy, indexed.parentId, (fields) =>
        placeAfter(
          fields.filter(({ id }) => id !== fieldId),
          indexed.field,
          afterId,
        ),
      ),
    )
    return replaceIntent(intents, added.intent, changed)
  }
  // It follows the intents that it refers to, and those that referred to it take its former position.
  if (added) {
    return [...bypass(intents, added.intent).filter((one) => one !== added.intent), { ...added.intent, after }]
  }
  const moved: Intent = {
    kind: 'move-column',
    ...targetOf(state, fieldId),
    after,
    afterName: previous?.name ?? null,
  }
  const others = withoutTarget(intents, intentTarget(moved))
  return isFormerPosition(state, fieldId, afterId) ? others : [...others, moved]
}

export function dropColumn(state: SchemaDraft, intents: Intents, fieldId: number): Intents {
  const indexed = state.after.get(fieldId)
  if (!indexed) return intents
  const added = newColumnOf(state, intents, fieldId)
  if (added && added.rootId !== fieldId) {
    const changed = editNewColumn(state.draft, added, (copy) =>
      updateSiblings(copy, indexed.parentId, (fields) => fields.filter(({ id }) => id !== fieldId)),
    )
    return replaceIntent(intents, added.intent, changed)
  }
  if (added) return bypass(intents, added.intent).filter((one) => one !== added.intent)
  const within = new Set([fieldId, ...idsWithin(indexed.field)])
  const others = intents.filter((one) => {
    if (one.kind === 'add-column') return one.parentId === null || !within.has(one.parentId)
    return !('fieldId' in one) || !within.has(one.fieldId)
  })
  return [...others, { kind: 'drop-column', ...targetOf(state, fieldId) }]
}

/** Removes the changes of an existing column; those of nested columns stay. */
export function restoreColumn(intents: Intents, fieldId: number): Intents {
  return intents.filter((one) => !('fieldId' in one) || one.fieldId !== fieldId)
}

function idsWithin({ type }: NestedField): number[] {
  return childFields(type).flatMap((child) => [child.id, ...idsWithin(child)])
}

function targetOf({ before }: SchemaDraft, fieldId: number) {
  return { fieldId, column: before.get(fieldId)?.path ?? [] }
}

/** A column that the same commit adds has no id yet. */
function referenceTo({ before }: SchemaDraft, { id, name }: NestedField): number | string {
  return before.has(id) ? id : name
}

function isFormerPosition({ draft, before }: SchemaDraft, fieldId: number, afterId: number | null): boolean {
  const parentId = before.get(fieldId)?.parentId ?? null
  const siblings = [...before.values()].filter((one) => one.parentId === parentId).map(({ field }) => field.id)
  const now = siblingsOf(draft.schema, parentId)
    .map(({ id }) => id)
    .filter((id) => id !== fieldId)
  const index = afterId === null ? 0 : now.indexOf(afterId) + 1
  const shown = now.toSpliced(index, 0, fieldId).filter((id) => before.has(id))
  return shown.join() === siblings.filter((id) => shown.includes(id)).join()
}

function freeName(siblings: readonly NestedField[]): string {
  const taken = new Set(siblings.map(({ name }) => name.toLowerCase()))
  for (let i = 1; ; i++) {
    const name = i === 1 ? 'new_column' : `new_column_${i}`
    if (!taken.has(name)) return name
  }
}

/** The intent of a new column after an edit of the column, or of one within it, in a draft. */
function editNewColumn(draft: TableDraft, { rootId, intent }: NewColumn, edit: (copy: TableDraft) => void): AddColumn {
  const copy = { ...draft }
  edit(copy)
  const field = siblingsOf(copy.schema, intent.parentId).find(({ id }) => id === rootId)
  if (!field) return intent
  return { ...intent, name: field.name, type: typeText(field.type), required: field.required, doc: field.doc ?? null }
}

function typeText(type: Type): string {
  return typeof type === 'string' ? type : stringifyExactJson(typeToJson(type))
}

function replaceIntent(intents: Intents, before: Intent, after: Intent): Intents {
  return intents.map((one) => (one === before ? after : one))
}

function withoutTarget(intents: Intents, target: string): Intents {
  return intents.filter((one) => intentTarget(one) !== target)
}

function putOrDrop(intents: Intents, intent: Intent, isAsBefore: boolean): Intents {
  const target = intentTarget(intent)
  if (isAsBefore) return withoutTarget(intents, target)
  const index = intents.findIndex((one) => intentTarget(one) === target)
  return index < 0 ? [...intents, intent] : intents.with(index, intent)
}

/** The intents that refer to a new column by its name refer to its next name. */
function followName(intents: Intents, { name, parentId }: AddColumn, next: string): Intents {
  return intents.map((one) => (refersTo(one, name, parentId) ? { ...one, after: next } : one))
}

/** The intents that put a column after a new one put it where the new one was to be. */
function bypass(intents: Intents, { name, parentId, after }: AddColumn): Intents {
  return intents.map((one) => (refersTo(one, name, parentId) ? { ...one, after } : one))
}

function refersTo(one: Intent, name: string, parentId: number | null): one is Extract<Intent, { after: unknown }> {
  if (one.kind === 'add-column') return one.after === name && one.parentId === parentId
  return one.kind === 'move-column' && one.after === name
}
