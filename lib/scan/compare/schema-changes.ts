import { findColumnMoves } from '@/lib/iceberg/schema/column-moves'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { NestedField, Schema, Type } from '@/lib/iceberg/schema/types'

/** A difference of two schemas or of their tables' properties. */
export type SchemaChange =
  | { kind: 'added' | 'removed'; fieldId: number; path: string; type: string }
  | {
      kind: 'renamed' | 'type' | 'required' | 'doc'
      fieldId: number
      path: string
      before: string | null
      after: string | null
    }
  /** The sibling that the column follows; null: it is first. */
  | { kind: 'moved'; fieldId: number; path: string; before: string | null; after: string | null }
  | { kind: 'identifier'; before: readonly string[]; after: readonly string[] }

export type PropertyChange = { name: string; before: string | null; after: string | null }

type ComparedSchema = Pick<Schema, 'fields' | 'identifierFieldIds'>

/**
 * The differences between two schemas, at every depth, by field ids: removed fields in their order, then the others,
 * columns that moved, and identifier fields.
 */
export function compareSchemas(before: ComparedSchema, after: ComparedSchema): SchemaChange[] {
  const [oldFields, newFields] = [indexFields(before), indexFields(after)]
  const changes: SchemaChange[] = []
  for (const [fieldId, { field, path, parentId }] of oldFields) {
    // Fields inside a removed one are part of it.
    if (newFields.has(fieldId) || (parentId !== null && !newFields.has(parentId))) continue
    changes.push({ kind: 'removed', fieldId, path: path.join('.'), type: typeLabel(field.type) })
  }
  for (const [fieldId, { field, path: names, parentId }] of newFields) {
    const old = oldFields.get(fieldId)
    const path = names.join('.')
    if (!old) {
      if (parentId === null || oldFields.has(parentId)) {
        changes.push({ kind: 'added', fieldId, path, type: typeLabel(field.type) })
      }
      continue
    }
    if (old.field.name !== field.name) {
      changes.push({ kind: 'renamed', fieldId, path, before: old.field.name, after: field.name })
    }
    const [oldType, newType] = [typeLabel(old.field.type), typeLabel(field.type)]
    if (oldType !== newType) changes.push({ kind: 'type', fieldId, path, before: oldType, after: newType })
    if (old.field.required !== field.required) {
      changes.push({ kind: 'required', fieldId, path, before: requiredLabel(old.field), after: requiredLabel(field) })
    }
    if ((old.field.doc ?? null) !== (field.doc ?? null)) {
      changes.push({ kind: 'doc', fieldId, path, before: old.field.doc ?? null, after: field.doc ?? null })
    }
  }
  for (const { fieldId, ...follows } of findColumnMoves(before, after)) {
    changes.push({ kind: 'moved', fieldId, path: newFields.get(fieldId)?.path.join('.') ?? '', ...follows })
  }
  const namesOf = (schema: ComparedSchema, index: typeof oldFields) =>
    schema.identifierFieldIds.map((id) => index.get(id)?.path.join('.') ?? String(id))
  const sortedIds = (schema: ComparedSchema) => schema.identifierFieldIds.toSorted((a, b) => a - b).join()
  if (sortedIds(before) !== sortedIds(after)) {
    changes.push({ kind: 'identifier', before: namesOf(before, oldFields), after: namesOf(after, newFields) })
  }
  return changes
}

/** The differences between the properties of two versions of a table, by name. */
export function compareProperties(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): PropertyChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  const valueOf = (properties: Readonly<Record<string, string>>, name: string) =>
    Object.hasOwn(properties, name) ? (properties[name] ?? null) : null
  return names
    .map((name) => ({ name, before: valueOf(before, name), after: valueOf(after, name) }))
    .filter((change) => change.before !== change.after)
}

/** Leaves out the fields of a nested type: they have changes of their own. */
function typeLabel(type: Type): string {
  return typeof type === 'string' ? type : type.type
}

function requiredLabel({ required }: NestedField): string {
  return required ? 'required' : 'optional'
}
