import { describe, expect, it } from 'vitest'
import { draftWithIntents } from '@/lib/changes/intents/intent-changes'
import type { Intent } from '@/lib/changes/intents/intent'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import {
  addedFields,
  addField,
  applyCandidate,
  baseSortFields,
  changeNewField,
  currentFields,
  newSortField,
  removeField,
  renameField,
  replaceSortFields,
  restoreField,
} from './layout-edits'

const METADATA: TableMetadata = {
  ...sampleMetadata(),
  formatVersion: 2,
  currentSchemaId: 9,
  schemas: [
    {
      schemaId: 9,
      identifierFieldIds: [],
      fields: [
        { id: 1, name: 'id', required: true, type: 'long' },
        { id: 2, name: 'at', required: false, type: 'timestamp' },
        { id: 3, name: 'at_hour', required: false, type: 'string' },
      ],
    },
  ],
  lastColumnId: 3,
  defaultSpecId: 5,
  partitionSpecs: [{ specId: 5, fields: [{ fieldId: 1000, sourceId: 2, name: 'at_day', transform: 'day' }] }],
  lastPartitionId: 1000,
  defaultSortOrderId: 0,
  sortOrders: [{ orderId: 0, fields: [] }],
}
const [DAY] = currentFields(METADATA) as [(typeof METADATA.partitionSpecs)[number]['fields'][number]]
const draft = (intents: readonly Intent[]) =>
  draftWithIntents(METADATA, intents).partitionFields.map(({ name, transform }) => `${name} ${transform}`)

describe('Edits of partition fields', () => {
  it('take each other back', () => {
    expect(renameField(renameField([], DAY, 'on_day'), DAY, 'at_day')).toEqual([])
    expect(restoreField(removeField([], DAY), DAY)).toEqual([])
    // Adding a removed field again retains it, with its id.
    expect(addField(METADATA, removeField([], DAY), { sourceId: 2, transform: 'day' })).toEqual([])
  })

  it('name a new field as Iceberg does, unless a column has the name', () => {
    const added = addField(METADATA, [], { sourceId: 1, transform: 'bucket[8]' })
    expect(draft(added)).toEqual(['at_day day', 'id_bucket_8 bucket[8]'])
    const [field] = addedFields(added)
    const changed = changeNewField(METADATA, added, field!, { sourceId: 2, transform: 'hour' })
    expect(draft(changed)).toEqual(['at_day day', 'at_hour_2 hour'])
  })

  it('make the spec that of a candidate, with the fields that both have', () => {
    const requested = [
      { sourceId: 2, transform: 'month' },
      { sourceId: 1, transform: 'bucket[4]' },
    ]
    const intents = applyCandidate(METADATA, [], requested)
    expect(intents.map(({ kind }) => kind)).toEqual([
      'remove-partition-field',
      'add-partition-field',
      'add-partition-field',
    ])
    expect(draft(intents)).toEqual(['at_month month', 'id_bucket_4 bucket[4]'])
    expect(applyCandidate(METADATA, intents, [{ sourceId: 2, transform: 'day' }])).toEqual([])
  })

  it('cannot add two times of one column, and can add a time to the one that the table has', () => {
    const month = addField(METADATA, [], { sourceId: 2, transform: 'month' })
    expect(draft(month)).toEqual(['at_day day', 'at_month month'])
    const both = addField(METADATA, month, { sourceId: 2, transform: 'year' })
    expect(catchAppError(() => draft(both)).message).toContain('redundant')
  })

  it('keep a removed field as void in format version 1', () => {
    const fields = draftWithIntents({ ...METADATA, formatVersion: 1 }, removeField([], DAY)).partitionFields
    expect(fields).toMatchObject([{ fieldId: 1000, transform: 'void' }])
  })
})

describe('Edits of the sort order', () => {
  it('are one change, and none when they restore it', () => {
    const field = newSortField(METADATA, { sourceId: 2, transform: 'identity' })
    const sorted = replaceSortFields(METADATA, [], [field])
    expect(sorted).toMatchObject([{ kind: 'replace-sort-order', base: 0, fields: [{ source: ['at'] }] }])
    expect(replaceSortFields(METADATA, sorted, baseSortFields(METADATA))).toEqual([])
  })
})
