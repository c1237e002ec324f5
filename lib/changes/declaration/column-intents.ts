import { AppError } from '@/lib/errors'
import { stringifyExactJson } from '../../iceberg/json/exact-json'
import type { Json } from '../../iceberg/json/json'
import { defaultToJson } from '../../iceberg/schema/default-value'
import { normalizePrimitiveType } from '../../iceberg/schema/primitive'
import { childFields } from '../../iceberg/schema/child-fields'
import { longestIncreasing } from '../../iceberg/schema/column-moves'
import { typeLabel } from '../../iceberg/schema/type-label'
import { typeToJson } from '../../iceberg/schema/schema-json'
import type { NestedField, Type } from '../../iceberg/schema/types'
import type { Intent } from '../intents/intent'
import { typeOfDeclaration } from './declared-schema'
import type { ColumnDeclaration, TypeDeclaration } from './table-declaration'

/**
 * The intents that bring columns to the state of a declaration, at every depth: drops first, so that their names are
 * free, then changes in place, moves, and new columns.
 *
 * @param parent of the columns; null id and no path at the top
 * @throws {AppError} invalid-request for a change that Iceberg does not allow, such as to another kind of type
 */
export function columnIntents(
  current: readonly NestedField[],
  declared: readonly ColumnDeclaration[],
  parent: { id: number | null; path: readonly string[] },
): Intent[] {
  const matches = matchColumns(current, declared, parent.path)
  const retained = new Set([...matches.values()].map(({ id }) => id))
  const drops = current
    .filter(({ id }) => !retained.has(id))
    .map(({ id, name }): Intent => ({ kind: 'drop-column', fieldId: id, column: [...parent.path, name] }))
  const changes = [...matches].flatMap(([column, field]) => fieldIntents(field, column, [...parent.path, field.name]))
  const order = declared.flatMap((column) => matches.get(column) ?? [])
  const moves = moveIntents(
    current.filter(({ id }) => retained.has(id)),
    order,
    parent.path,
  )
  const added = declared.flatMap((column, i): Intent[] => {
    if (matches.has(column)) return []
    const before = declared[i - 1]
    return [addIntent(column, parent, before ? (matches.get(before)?.id ?? before.name) : null)]
  })
  return [...drops, ...changes, ...moves, ...added]
}

/** By id where the file has one, and by name otherwise: a new column can have the name that another one gives up. */
function matchColumns(
  current: readonly NestedField[],
  declared: readonly ColumnDeclaration[],
  path: readonly string[],
): Map<ColumnDeclaration, NestedField> {
  const matches = new Map<ColumnDeclaration, NestedField>()
  const named = new Set(declared.map(({ id }) => id))
  for (const column of declared) {
    const label = [...path, column.name].join('.')
    const field = current.find(({ id, name }) =>
      column.id === undefined ? name === column.name && !named.has(id) : id === column.id,
    )
    if (!field && column.id !== undefined)
      throw new AppError(
        'invalid-request',
        `${label} has the id ${column.id}, which no column there has: leave it out.`,
      )
    if (!field) continue
    if ([...matches.values()].includes(field))
      throw new AppError(
        'invalid-request',
        `Two columns of the file are ${[...path, field.name].join('.')}, which has the id ${field.id}.`,
      )
    matches.set(column, field)
  }
  return matches
}

function fieldIntents(field: NestedField, column: ColumnDeclaration, path: readonly string[]): Intent[] {
  const target = { fieldId: field.id, column: path }
  const intents: Intent[] = []
  if (field.name !== column.name)
    intents.push({ kind: 'rename-column', ...target, name: column.name, movesProperties: true })
  intents.push(...typeIntents(field, column.type, path))
  if (field.required && column.required !== true) intents.push({ kind: 'make-column-optional', ...target })
  if (!field.required && column.required === true)
    throw new AppError('invalid-request', `${path.join('.')} is optional, so it may have nulls and cannot be required.`)
  const [doc, base] = [column.doc ?? null, field.doc ?? null]
  if (doc !== base) intents.push({ kind: 'set-column-doc', ...target, doc, base })
  const value = toJsonText(field.type, column['write-default'])
  const before = toJsonText(field.type, field.writeDefault)
  if (value !== before) intents.push({ kind: 'set-write-default', ...target, value, base: before })
  const initial = toJsonText(field.type, column['initial-default'])
  if (initial !== toJsonText(field.type, field.initialDefault))
    throw new AppError(
      'invalid-request',
      `The initial default of ${path.join('.')} cannot change: rows are read with it.`,
    )
  return intents
}

/** Also for the element of a list and the value of a map: their `required` is the one of the list or the map here. */
function typeIntents({ id, type }: NestedField, declared: TypeDeclaration, path: readonly string[]): Intent[] {
  if (typeof declared === 'string') {
    const requested = normalizePrimitiveType(declared)
    if (requested === null)
      throw new AppError('invalid-request', `${path.join('.')}: ${declared} is not a type of Iceberg.`)
    if (type === requested) return []
    return [{ kind: 'change-column-type', fieldId: id, column: path, type: requested, base: typeLabel(type) }]
  }
  if (typeof type !== 'string' && type.type === 'struct' && 'struct' in declared)
    return columnIntents(type.fields, declared.struct, { id, path })
  if (typeof type !== 'string' && type.type === 'list' && 'list' in declared)
    return partIntents(childFields(type)[0], declared.list, declared.required, path)
  if (typeof type !== 'string' && type.type === 'map' && 'map' in declared) {
    const [key, value] = childFields(type)
    return [
      ...partIntents(key, declared.map.key, true, path),
      ...partIntents(value, declared.map.value, declared.required, path),
    ]
  }
  const kind = Object.keys(declared).find((one) => one !== 'required')
  throw new AppError('invalid-request', `${path.join('.')} is ${typeLabel(type)} and cannot become a ${kind}.`)
}

function partIntents(
  field: NestedField | undefined,
  type: TypeDeclaration,
  required: boolean | undefined,
  path: readonly string[],
): Intent[] {
  return field ? fieldIntents(field, { name: field.name, type, required }, [...path, field.name]) : []
}

/** The fewest moves: columns that are in order with each other stay. */
function moveIntents(
  current: readonly NestedField[],
  requested: readonly NestedField[],
  path: readonly string[],
): Intent[] {
  const indexById = new Map(current.map(({ id }, i) => [id, i]))
  const staying = longestIncreasing(requested.map(({ id }) => indexById.get(id) ?? -1))
  return requested.flatMap((field, i): Intent[] => {
    if (staying.has(i)) return []
    const before = requested[i - 1]
    return [
      {
        kind: 'move-column',
        fieldId: field.id,
        column: [...path, field.name],
        after: before?.id ?? null,
        afterName: before?.name ?? null,
      },
    ]
  })
}

function addIntent(
  { name, type, required, doc, 'initial-default': initial, 'write-default': write }: ColumnDeclaration,
  parent: { id: number | null; path: readonly string[] },
  after: number | string | null,
): Intent {
  return {
    kind: 'add-column',
    parentId: parent.id,
    parent: parent.path,
    name,
    type: typeToText(type),
    required: required ?? false,
    doc: doc ?? null,
    initialDefault: initial === undefined ? null : stringifyExactJson(initial),
    writeDefault: write === undefined ? null : stringifyExactJson(write),
    after,
  }
}

/** With numbers of its own for the fields within: the commit assigns the ids. */
function typeToText(type: TypeDeclaration): string {
  let lastId = 0
  return typeof type === 'string' ? type : stringifyExactJson(typeToJson(typeOfDeclaration(type, () => (lastId += 1))))
}

function toJsonText(type: Type, value: Json | undefined): string | null {
  return value === undefined ? null : stringifyExactJson(defaultToJson(type, value))
}
