import { placeAfter, requireFreeName, siblingsOf, updateColumn, updateSiblings } from '../edits/column-edits'
import { readDefault } from '../edits/default-edits'
import { highestFieldId, indexFields } from '../../iceberg/schema/schema'
import type { NestedField, Schema, Type } from '../../iceberg/schema/types'
import { type NewTableDraft, newFieldName } from './new-table-draft'

/** Edits of the columns of a new table. Removing a column also removes whatever depends on it. */

/** Fields of the partition spec that have the name which follows from the column follow its new name. */
export function renameColumn(draft: NewTableDraft, fieldId: number, name: string): NewTableDraft {
  const before = indexFields(draft.schema)
  const indexed = before.get(fieldId)
  if (!indexed || indexed.field.name === name) return draft
  requireFreeName(
    siblingsOf(draft.schema, indexed.parentId).filter(({ id }) => id !== fieldId),
    name,
    indexed.parentId,
  )
  const renamed = withColumn(draft, fieldId, (field) => ({ ...field, name }))
  const after = indexFields(renamed.schema)
  return {
    ...renamed,
    partitionFields: renamed.partitionFields.map((field) => {
      const [was, is] = [before, after].map((fields) =>
        newFieldName(fields.get(field.sourceId)?.path ?? [], field.transform),
      )
      return field.name === was && is !== undefined ? { ...field, name: is } : field
    }),
  }
}

/** A value of the old type is invalid for the new one. */
export function changeColumnType(draft: NewTableDraft, fieldId: number, type: Type): NewTableDraft {
  return withColumn(draft, fieldId, (field) => ({ ...withoutDefaults(field), type }))
}

export function setColumnRequired(draft: NewTableDraft, fieldId: number, required: boolean): NewTableDraft {
  return withColumn(draft, fieldId, (field) => ({ ...field, required }))
}

export function describeColumn(draft: NewTableDraft, fieldId: number, doc: string | null): NewTableDraft {
  return withColumn(draft, fieldId, (field) => {
    const { doc: _, ...rest } = field
    return doc === null ? rest : { ...rest, doc }
  })
}

/**
 * @param text JSON of the value; null: none
 * @throws {AppError} invalid-request when it is not a value of the type
 */
export function setColumnDefault(draft: NewTableDraft, fieldId: number, text: string | null): NewTableDraft {
  return withColumn(draft, fieldId, (field) => {
    const value = readDefault(field.type, text, { column: field.name, which: 'write' })
    const rest = withoutDefaults(field)
    return value === undefined ? rest : { ...rest, initialDefault: value, writeDefault: value }
  })
}

/** Adds a column of text at the end, or after a sibling. */
export function addColumn(draft: NewTableDraft, parentId: number | null, afterId?: number): NewTableDraft {
  const siblings = siblingsOf(draft.schema, parentId)
  const field: NestedField = { id: nextFieldId(draft), name: freeName(siblings), required: false, type: 'string' }
  const previous = siblings.find(({ id }) => id === afterId) ?? siblings.at(-1)
  return withSiblings(draft, parentId, (fields) => placeAfter(fields, field, previous?.id ?? null))
}

export function moveColumn(draft: NewTableDraft, fieldId: number, afterId: number | null): NewTableDraft {
  const indexed = indexFields(draft.schema).get(fieldId)
  if (!indexed) return draft
  return withSiblings(draft, indexed.parentId, (fields) =>
    placeAfter(
      fields.filter(({ id }) => id !== fieldId),
      indexed.field,
      afterId,
    ),
  )
}

export function dropColumn(draft: NewTableDraft, fieldId: number): NewTableDraft {
  const indexed = indexFields(draft.schema).get(fieldId)
  if (!indexed) return draft
  return withSiblings(draft, indexed.parentId, (fields) => fields.filter(({ id }) => id !== fieldId))
}

/** An identifier field is required, and so are the structs around it. */
export function toggleIdentifier(draft: NewTableDraft, fieldId: number): NewTableDraft {
  const { identifierFieldIds } = draft.schema
  if (identifierFieldIds.includes(fieldId)) {
    const remaining = identifierFieldIds.filter((id) => id !== fieldId)
    return { ...draft, schema: { ...draft.schema, identifierFieldIds: remaining } }
  }
  const fields = indexFields(draft.schema)
  let next = draft
  for (let at = fields.get(fieldId); at; at = fields.get(at.parentId ?? Number.NaN))
    next = setColumnRequired(next, at.field.id, true)
  return { ...next, schema: { ...next.schema, identifierFieldIds: [...identifierFieldIds, fieldId] } }
}

export function nextFieldId({ schema, lastRemovedId = 0 }: Pick<NewTableDraft, 'schema' | 'lastRemovedId'>): number {
  return Math.max(highestFieldId(schema), lastRemovedId) + 1
}

function withColumn(draft: NewTableDraft, fieldId: number, toNext: (field: NestedField) => NestedField): NewTableDraft {
  return withSchema(draft, (edited) => updateColumn(edited, fieldId, toNext))
}

function withSiblings(
  draft: NewTableDraft,
  parentId: number | null,
  toNext: (fields: readonly NestedField[]) => readonly NestedField[],
): NewTableDraft {
  return withSchema(draft, (edited) => updateSiblings(edited, parentId, toNext))
}

function withSchema(draft: NewTableDraft, edit: (edited: { schema: Schema }) => void): NewTableDraft {
  const edited = { schema: draft.schema }
  edit(edited)
  const fields = indexFields(edited.schema)
  const hasSource = ({ sourceId }: { sourceId: number }) => fields.has(sourceId)
  const lastId = nextFieldId(draft) - 1
  return {
    ...draft,
    ...(lastId > highestFieldId(edited.schema) && { lastRemovedId: lastId }),
    schema: {
      ...edited.schema,
      identifierFieldIds: draft.schema.identifierFieldIds.filter((id) => fields.has(id)),
    },
    partitionFields: draft.partitionFields.filter(hasSource),
    sortFields: draft.sortFields.filter(hasSource),
  }
}

function withoutDefaults(field: NestedField): NestedField {
  const { initialDefault: _, writeDefault: __, ...rest } = field
  return rest
}

function freeName(siblings: readonly NestedField[]): string {
  const taken = new Set(siblings.map(({ name }) => name.toLowerCase()))
  for (let i = siblings.length + 1; ; i++) if (!taken.has(`column_${i}`)) return `column_${i}`
}
