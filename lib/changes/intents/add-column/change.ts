import { AppError } from '@/lib/errors'
import { currentSchema } from '../../../iceberg/metadata/current-layout'
import { renumberType } from '../../../iceberg/schema/renumber-type'
import { indexFields } from '../../../iceberg/schema/schema'
import type { NestedField } from '../../../iceberg/schema/types'
import {
  caseWarnings,
  findColumn,
  placeAfter,
  requireColumn,
  requireFreeName,
  requireName,
  siblingsOf,
  updateSiblings,
} from '@/lib/changes/edits/column-edits'
import { readDefault } from '@/lib/changes/edits/default-edits'
import { requireDottedNames } from '@/lib/changes/edits/dotted-names'
import { returnToSchema } from '../layout-reverse'
import type { IntentChange } from '../intent-change'
import { readColumnType } from './column-type'
import type { AddColumn } from './describe'

export const addColumn = {
  compare: (metadata, { parentId, name }) => {
    const taken = siblingsOf(currentSchema(metadata), parentId).find((field) => field.name === name)
    return { base: null, current: taken ? name : null, requested: name }
  },
  // Another column has the name: the person chooses another one.
  rebase: () => null,
  apply: (draft, intent) => {
    const { parentId, parent, name, required } = intent
    if (parentId !== null) requireColumn(draft, { fieldId: parentId, column: parent })
    requireFreeName(siblingsOf(draft.schema, parentId), name, parentId)
    const id = takeId()
    const type = renumberType(readColumnType(intent.type), takeId)
    const initialDefault = readDefault(type, intent.initialDefault, { column: name, which: 'initial' })
    const writeDefault = readDefault(type, intent.writeDefault, { column: name, which: 'write' })
    if (required && initialDefault === undefined && draft.base.snapshots.length > 0) {
      throw new AppError(
        'invalid-request',
        `${name} cannot be required: existing rows have no value. Give it an initial default, or make it optional.`,
        { facts: { column: name } },
      )
    }
    const field: NestedField = {
      id,
      name,
      required,
      type,
      ...(intent.doc !== null && { doc: intent.doc }),
      ...(initialDefault !== undefined && { initialDefault }),
      ...(writeDefault !== undefined && { writeDefault }),
    }
    const within = indexFields({ fields: [field] })
    for (const { field: inner } of within.values()) {
      requireName(inner.name, 'column')
      if (typeof inner.type !== 'string' && inner.type.type === 'struct' && inner.type.fields.length === 0)
        throw new AppError('invalid-request', `The struct ${inner.name} needs a column: Parquet has none without.`)
    }
    const next = { schema: draft.schema }
    updateSiblings(next, parentId, (siblings) => placeAfter(siblings, field, intent.after))
    requireDottedNames(draft, next.schema, id)
    draft.schema = next.schema

    function takeId(): number {
      draft.lastColumnId += 1
      return draft.lastColumnId
    }
  },
  warnings: ({ schema }, { parentId, name }) => [
    ...caseWarnings(siblingsOf(schema, parentId), name),
    ...(parentId !== null && findColumn(schema, parentId)?.isRepeated
      ? ['Trino before version 470 cannot add columns within lists and maps.']
      : []),
  ],
  reverse: returnToSchema,
} satisfies IntentChange<AddColumn>
