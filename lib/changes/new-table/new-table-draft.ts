import { AppError } from '@/lib/errors'
import { fieldOfDeclaration } from '../declaration/declared-schema'
import type { TableDeclaration } from '../declaration/table-declaration'
import { columnToDeclaration } from '../declaration/to-declaration'
import type { PartitionField } from '../../iceberg/partitioning/partition-spec'
import { parseTransform } from '../../iceberg/partitioning/transform'
import type { SortField } from '../../iceberg/partitioning/sort-order'
import { FORMAT_VERSION_PROPERTY } from '../../iceberg/properties/table-properties'
import { indexFields } from '../../iceberg/schema/schema'
import type { Schema } from '../../iceberg/schema/types'

/**
 * A table that is not created yet. Its columns have ids of the draft, by which the layout refers to them: the catalog
 * assigns others.
 */
export type NewTableDraft = {
  formatVersion: 1 | 2 | 3
  schema: Schema
  /** The highest id of a column that was removed, which no other column gets: it may be that of a field of a file. */
  lastRemovedId?: number
  partitionFields: readonly NewPartitionField[]
  sortFields: readonly SortField[]
  /** Without the format version. */
  properties: Readonly<Record<string, string>>
}

export type NewPartitionField = Pick<PartitionField, 'sourceId' | 'name' | 'transform'>

/** The property that engines show as the description of a table. */
export const DESCRIPTION_PROPERTY = 'comment'

export const EMPTY_DRAFT: NewTableDraft = {
  formatVersion: 2,
  schema: { schemaId: 0, identifierFieldIds: [], fields: [] },
  partitionFields: [],
  sortFields: [],
  properties: {},
}

/**
 * The draft of a declaration. Ids in the declaration belong to another table, so they are left out.
 *
 * @throws {AppError} invalid-request for parts that a new table cannot have, such as a partition field of an unknown
 *   column
 */
export function draftOfDeclaration(declaration: TableDeclaration): NewTableDraft {
  let lastId = 0
  const takeId = () => (lastId += 1)
  const fields = (declaration.columns ?? []).map((column) => fieldOfDeclaration(column, takeId))
  const idOf = columnFinder({ fields })
  requireNoRefs(declaration)
  const { [FORMAT_VERSION_PROPERTY]: _, ...properties } = declaration.properties ?? {}
  return {
    formatVersion: declaration['format-version'] ?? EMPTY_DRAFT.formatVersion,
    schema: {
      schemaId: 0,
      identifierFieldIds: (declaration['identifier-fields'] ?? []).map((name) => idOf(name, 'identifier-fields')),
      fields,
    },
    partitionFields: (declaration['partition-fields'] ?? []).map(({ column, name, transform }) => ({
      sourceId: idOf(column, 'partition-fields'),
      name,
      transform,
    })),
    sortFields: (declaration['sort-fields'] ?? []).map(({ column, transform, direction, 'null-order': nullOrder }) => ({
      sourceId: idOf(column, 'sort-fields'),
      transform,
      direction,
      nullOrder,
    })),
    properties,
  }
}

/** The declaration of the draft, as tables as code have it. */
export function declarationOfDraft(draft: NewTableDraft): TableDeclaration {
  const paths = indexFields(draft.schema)
  const pathOf = (fieldId: number): string => paths.get(fieldId)?.path.join('.') ?? `column ${fieldId}`
  return {
    'format-version': draft.formatVersion,
    columns: draft.schema.fields.map((field) => columnToDeclaration(field, { hasIds: false })),
    'identifier-fields': draft.schema.identifierFieldIds.map(pathOf),
    'partition-fields': draft.partitionFields.map(({ sourceId, name, transform }) => ({
      name,
      column: pathOf(sourceId),
      transform,
    })),
    'sort-fields': draft.sortFields.map(({ sourceId, transform, direction, nullOrder }) => ({
      column: pathOf(sourceId),
      transform,
      direction,
      'null-order': nullOrder,
    })),
    properties: draft.properties,
  }
}

/** Finds columns by dotted names, which two columns may share when a name has a dot of its own. */
function columnFinder(schema: Pick<Schema, 'fields'>): (name: string, section: string) => number {
  const idsByName = new Map<string, number[]>()
  for (const [id, { path }] of indexFields(schema)) {
    const name = path.join('.')
    idsByName.set(name, [...(idsByName.get(name) ?? []), id])
  }
  return (name, section) => {
    const [id, another] = idsByName.get(name) ?? []
    if (id === undefined) throw new AppError('invalid-request', `${section}: there is no column ${name}.`)
    if (another === undefined) return id
    throw new AppError('invalid-request', `${section}: two columns are ${name}, because a name has a dot.`)
  }
}

/** The refs of an export are empty, or name `main` without a retention of its own. */
function requireNoRefs({ refs = {} }: TableDeclaration): void {
  const found = Object.entries(refs).find(([name, retention]) => name !== 'main' || Object.keys(retention).length > 0)
  if (found === undefined) return
  throw new AppError('invalid-request', `refs: a new table has no branch or tag ${found[0]} and no retention of it.`)
}

/** Iceberg's own name for a field of a new table: `date_month`, `id_bucket`, `city_trunc`, `city`. */
export function newFieldName(path: readonly string[], transformText: string): string {
  const column = path.join('.')
  const { kind } = parseTransform(transformText)
  if (kind === 'identity') return column
  return `${column}_${kind === 'truncate' ? 'trunc' : kind === 'void' ? 'null' : kind}`
}
