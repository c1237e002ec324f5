import 'server-only'
import type { DescribedChange } from '@/lib/contract/shapes/described-change'
import { specLabel } from '@/lib/iceberg/partitioning/partition-spec'
import { sortOrderLabel } from '@/lib/iceberg/partitioning/sort-order'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { schemaOfId } from '@/lib/iceberg/metadata/current-layout'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { findColumnMoves } from '@/lib/iceberg/schema/column-moves'
import { type IndexedField, indexFields } from '@/lib/iceberg/schema/schema'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import { defaultToJson } from '@/lib/iceberg/schema/default-value'
import type { NestedField, Schema } from '@/lib/iceberg/schema/types'
import type { AuditState } from '@/server/db/audit'

type Changes = DescribedChange[]
type Layout = NonNullable<AuditState['layout']>

/**
 * The changes of schema, partition spec and sort order: columns by name, specs and orders by their fields. The audit
 * stores only ids; an id that the table no longer has is listed as it is.
 *
 * @param movedIds columns that the commit is known to have moved
 */
export function layoutChanges(
  before: Layout,
  after: Layout,
  metadata: TableMetadata,
  movedIds: ReadonlySet<number> = new Set(),
): Changes {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name): Changes => {
    const [textBefore, textAfter] = [propertyValue(before, name), propertyValue(after, name)]
    const plain: Changes = [{ kind: 'layout', name, before: textBefore, after: textAfter }]
    const [idBefore, idAfter] = [parseId(textBefore), parseId(textAfter)]
    if (idBefore === null || idAfter === null) return plain
    if (name === 'schema') {
      const [schemaBefore, schemaAfter] = [idBefore, idAfter].map((id) =>
        metadata.schemas.find(({ schemaId }) => schemaId === id),
      )
      return schemaBefore && schemaAfter ? schemaChanges(schemaBefore, schemaAfter, movedIds) : plain
    }
    const toLabel = name === 'partition spec' ? specLabelOfId : orderLabelOfId
    const [labelBefore, labelAfter] = [toLabel(metadata, idBefore), toLabel(metadata, idAfter)]
    if (labelBefore === null || labelAfter === null) return plain
    return [{ kind: 'layout', name, before: labelBefore || 'none', after: labelAfter || 'none' }]
  })
}

/** The newest name of the column with a field id, dotted if it is nested; null if the table never had it. */
export function columnNameOf({ schemas, currentSchemaId }: TableMetadata, fieldId: number): string | null {
  const newestFirst = schemas.toSorted(
    (a, b) =>
      Number(b.schemaId === currentSchemaId) - Number(a.schemaId === currentSchemaId) || b.schemaId - a.schemaId,
  )
  for (const schema of newestFirst) {
    const field = indexFields(schema).get(fieldId)
    if (field) return field.path.join('.')
  }
  return null
}

function parseId(text: string | null): number | null {
  const [, id] = /^id (\d+)$/.exec(text ?? '') ?? []
  return id === undefined ? null : Number(id)
}

function specLabelOfId(metadata: TableMetadata, id: number): string | null {
  const spec = metadata.partitionSpecs.find(({ specId }) => specId === id)
  return spec ? specLabel(spec, schemaOfId(metadata, metadata.currentSchemaId)) : null
}

function orderLabelOfId(metadata: TableMetadata, id: number): string | null {
  const order = metadata.sortOrders.find(({ orderId }) => orderId === id)
  return order ? sortOrderLabel(order, schemaOfId(metadata, metadata.currentSchemaId)) : null
}

/**
 * Every change of columns and identifier fields once. Columns are matched by field id, so that a renamed column is not
 * a new one.
 */
function schemaChanges(before: Schema, after: Schema, movedIds: ReadonlySet<number>): Changes {
  const [fieldsBefore, fieldsAfter] = [indexFields(before), indexFields(after)]
  const columns = [...new Set([...fieldsBefore.keys(), ...fieldsAfter.keys()])].flatMap((fieldId): Changes => {
    const [was, is] = [fieldsBefore.get(fieldId), fieldsAfter.get(fieldId)]
    const name = nameOf(was ?? is)
    const change = (kind: 'column' | 'layout', title: string, textBefore: string | null, textAfter: string | null) =>
      textBefore === textAfter ? [] : [{ kind, name: title, before: textBefore, after: textAfter }]
    if (!was || !is) {
      // The type of a column names the fields inside it, so they are part of its change.
      const parentId = (was ?? is)?.parentId ?? null
      if (parentId !== null && !(fieldsBefore.has(parentId) && fieldsAfter.has(parentId))) return []
      return change('column', name, was ? columnText(was.field) : null, is ? columnText(is.field) : null)
    }
    const [typeBefore, typeAfter] = [was, is].map((one) => typeLabel(one.field.type))
    const isNested = typeof was.field.type !== 'string' && typeof is.field.type !== 'string'
    return [
      // A column is renamed by its own name: that of a column around it is another change.
      ...(was.field.name === is.field.name ? [] : change('layout', 'column name', name, nameOf(is))),
      // Changes within a nested column are listed with its fields.
      ...(isNested ? [] : change('layout', `type of ${name}`, typeBefore ?? null, typeAfter ?? null)),
      ...change('layout', `${name} may be null`, yesOrNo(!was.field.required), yesOrNo(!is.field.required)),
      ...change('layout', `default of ${name}`, defaultText(was.field) ?? 'none', defaultText(is.field) ?? 'none'),
      ...change('layout', `comment of ${name}`, was.field.doc ?? 'none', is.field.doc ?? 'none'),
    ]
  })
  const moves = findColumnMoves(before, after, movedIds).map(({ fieldId, ...follows }) => ({
    kind: 'layout' as const,
    name: `position of ${nameOf(fieldsBefore.get(fieldId))}`,
    before: positionText(follows.before),
    after: positionText(follows.after),
  }))
  const changes = [...columns, ...moves, ...identifierChanges(before, after)]
  if (changes.length > 0) return changes
  return [{ kind: 'layout', name: 'schema', before: `id ${before.schemaId}`, after: `id ${after.schemaId}` }]
}

function nameOf(indexed: IndexedField | undefined): string {
  return indexed?.path.join('.') ?? ''
}

function positionText(follows: string | null): string {
  return follows === null ? 'first' : `after ${follows}`
}

function identifierChanges(before: Schema, after: Schema): Changes {
  // Identifier fields are a set, so another order of them is not a change.
  const [idsBefore, idsAfter] = [before, after].map(({ identifierFieldIds }) =>
    identifierFieldIds.toSorted((a, b) => a - b).join(),
  )
  if (idsBefore === idsAfter) return []
  const toText = (schema: Schema) => {
    const fields = indexFields(schema)
    return schema.identifierFieldIds.map((id) => nameOf(fields.get(id)) || String(id)).join(', ') || 'none'
  }
  return [{ kind: 'layout', name: 'identifier fields', before: toText(before), after: toText(after) }]
}

/** An added or removed column: `int`, or `int, default 7`. */
function columnText(field: NestedField): string {
  const value = defaultText(field)
  return value === null ? typeLabel(field.type) : `${typeLabel(field.type)}, default ${value}`
}

/** The JSON text of the write default, or null. */
function defaultText({ type, writeDefault }: NestedField): string | null {
  return writeDefault === undefined ? null : stringifyExactJson(defaultToJson(type, writeDefault))
}

function yesOrNo(value: boolean): string {
  return value ? 'yes' : 'no'
}
