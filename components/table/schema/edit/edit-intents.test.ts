import { describe, expect, it } from 'vitest'
import type { Intent } from '@/lib/changes/intents/intent'
import { changeForIntents } from '@/lib/changes/intents/intent-changes'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { treeRows } from '../tree-rows'
import * as edits from './edit-intents'
import { draftSchema, editProblem, type SchemaDraft } from './schema-draft'

const METADATA = sampleMetadata({
  formatVersion: 2,
  lastColumnId: 6,
  schemas: [
    {
      schemaId: 0,
      identifierFieldIds: [1],
      fields: [
        { id: 1, name: 'id', required: true, type: 'long' },
        { id: 2, name: 'delay', required: false, type: 'int', doc: 'In minutes' },
        {
          id: 3,
          name: 'place',
          required: true,
          type: { type: 'struct', fields: [{ id: 4, name: 'lat', required: false, type: 'float' }] },
        },
        { id: 5, name: 'day', required: false, type: 'date' },
        { id: 6, name: 'note', required: false, type: 'string' },
      ],
    },
  ],
  currentSchemaId: 0,
  partitionSpecs: [{ specId: 0, fields: [{ sourceId: 5, fieldId: 1000, name: 'day_part', transform: 'identity' }] }],
  defaultSpecId: 0,
  lastPartitionId: 1000,
  sortOrders: [{ orderId: 0, fields: [] }],
  defaultSortOrderId: 0,
  properties: {},
})

type Step = (state: SchemaDraft, intents: readonly Intent[]) => readonly Intent[]

/** The tray after a sequence of edits, each based on the page after the previous one. */
function trayAfter(...steps: Step[]): readonly Intent[] {
  return steps.reduce<readonly Intent[]>((intents, step) => step(draftSchema(METADATA, intents), intents), [])
}

function shownNames(intents: readonly Intent[]): string[] {
  return draftSchema(METADATA, intents).draft.schema.fields.map(({ name }) => name)
}

const idOf = (intents: readonly Intent[], ...path: string[]) =>
  [...draftSchema(METADATA, intents).after].find(([, one]) => one.path.join('.') === path.join('.'))?.[0] ?? -1

describe('An edit of a column that the table has', () => {
  it('is one change, and none when it restores what the table has', () => {
    const renamed = trayAfter((state, tray) => edits.renameColumn(state, tray, 2, 'late'))
    expect(renamed).toEqual([
      { kind: 'rename-column', fieldId: 2, column: ['delay'], name: 'late', movesProperties: true },
    ])
    const again = edits.renameColumn(draftSchema(METADATA, renamed), renamed, 2, 'later')
    expect(again).toMatchObject([{ kind: 'rename-column', name: 'later', column: ['delay'] }])
    expect(edits.renameColumn(draftSchema(METADATA, again), again, 2, 'delay')).toEqual([])
    const promoted = trayAfter((state, tray) => edits.changeType(state, tray, 2, 'long'))
    expect(edits.changeType(draftSchema(METADATA, promoted), promoted, 2, 'int')).toEqual([])
    const described = trayAfter((state, tray) => edits.describeColumn(state, tray, 2, null))
    expect(described).toMatchObject([{ kind: 'set-column-doc', doc: null, base: 'In minutes' }])
  })

  it('swaps two names through a third, which the tray forgets', () => {
    const tray = trayAfter(
      (state, known) => edits.renameColumn(state, known, 2, 'other'),
      (state, known) => edits.renameColumn(state, known, 6, 'delay'),
      (state, known) => edits.renameColumn(state, known, 2, 'note'),
    )
    expect(tray).toMatchObject([
      { fieldId: 2, name: 'note' },
      { fieldId: 6, name: 'delay' },
    ])
    expect(draftSchema(METADATA, tray)).toMatchObject({ misfits: [], problem: null })
    expect(shownNames(tray)).toEqual(['id', 'note', 'place', 'day', 'delay'])
    expect(draftSchema(METADATA, tray.slice(0, 1)).misfits.map(({ message }) => message)).toEqual([
      expect.stringContaining('There is already a column note'),
    ])
  })

  it('is gone with the column when the column is dropped', () => {
    const tray = trayAfter(
      (state, known) => edits.changeType(state, known, 4, 'double'),
      (state, known) => edits.renameColumn(state, known, 3, 'spot'),
      (state, known) => edits.addColumn(state, known, 3, undefined),
      (state, known) => edits.dropColumn(state, known, 3),
    )
    expect(tray).toEqual([{ kind: 'drop-column', fieldId: 3, column: ['place'] }])
    expect(edits.restoreColumn(tray, 3)).toEqual([])
  })

  it('moves it back without a change', () => {
    const down = trayAfter((state, tray) => edits.moveColumn(state, tray, 2, 3))
    expect(shownNames(down)).toEqual(['id', 'place', 'delay', 'day', 'note'])
    expect(edits.moveColumn(draftSchema(METADATA, down), down, 2, 1)).toEqual([])
    const first = edits.moveColumn(draftSchema(METADATA, down), down, 2, null)
    expect(first).toMatchObject([{ kind: 'move-column', after: null, afterName: null }])
  })
})

describe('A new column', () => {
  it('is one change however it is edited, with columns of its own at any depth', () => {
    let tray = trayAfter((state, known) => edits.addColumn(state, known, null, 1))
    const step = (next: Step) => (tray = next(draftSchema(METADATA, tray), tray))
    step((state, known) => edits.renameColumn(state, known, 7, 'crew'))
    step((state, known) =>
      edits.changeType(state, known, 7, {
        type: 'list',
        elementId: 8,
        elementRequired: false,
        element: { type: 'struct', fields: [{ id: 9, name: 'field', required: false, type: 'string' }] },
      }),
    )
    step((state, known) => edits.renameColumn(state, known, idOf(tray, 'crew', 'element', 'field'), 'role'))
    step((state, known) => edits.addColumn(state, known, idOf(tray, 'crew', 'element'), undefined))
    step((state, known) => edits.changeType(state, known, idOf(tray, 'crew', 'element', 'new_column'), 'decimal(9, 2)'))
    step((state, known) => edits.moveColumn(state, known, idOf(tray, 'crew', 'element', 'new_column'), null))
    step((state, known) => edits.setRequired(state, known, idOf(tray, 'crew', 'element'), true))
    expect(tray).toHaveLength(1)
    expect(tray[0]).toMatchObject({ kind: 'add-column', name: 'crew', after: 1, required: false })
    const crew = draftSchema(METADATA, tray).draft.schema.fields[1]
    expect(crew?.type).toMatchObject({
      type: 'list',
      elementRequired: true,
      element: {
        fields: [
          { name: 'new_column', type: 'decimal(9, 2)' },
          { name: 'role', type: 'string' },
        ],
      },
    })
    step((state, known) => edits.dropColumn(state, known, idOf(tray, 'crew', 'element', 'role')))
    expect(tray).toHaveLength(1)
    expect(changeForIntents(METADATA, tray).updates).toHaveLength(2)
  })

  it('keeps those after it when it is renamed, moved or taken back', () => {
    let tray = trayAfter(
      (state, known) => edits.addColumn(state, known, null, 1),
      (state, known) => edits.addColumn(state, known, null, 7),
    )
    expect(shownNames(tray).slice(0, 3)).toEqual(['id', 'new_column', 'new_column_2'])
    tray = edits.renameColumn(draftSchema(METADATA, tray), tray, 7, 'first')
    expect(shownNames(tray).slice(0, 3)).toEqual(['id', 'first', 'new_column_2'])
    const moved = edits.moveColumn(draftSchema(METADATA, tray), tray, 7, 8)
    expect(shownNames(moved).slice(0, 3)).toEqual(['id', 'new_column_2', 'first'])
    const without = edits.dropColumn(draftSchema(METADATA, tray), tray, 7)
    expect(without).toHaveLength(1)
    expect(shownNames(without).slice(0, 2)).toEqual(['id', 'new_column_2'])
    expect(draftSchema(METADATA, without).misfits).toEqual([])
  })
})

describe('What Iceberg forbids', () => {
  it('is not a change, and says why', () => {
    const problemOf = (step: Step) => editProblem(METADATA, [], trayAfter(step))
    expect(problemOf((state, tray) => edits.dropColumn(state, tray, 1))).toContain('identifier field')
    expect(problemOf((state, tray) => edits.dropColumn(state, tray, 5))).toContain('source of the partition spec')
    expect(problemOf((state, tray) => edits.renameColumn(state, tray, 2, 'note'))).toContain('already a column note')
    expect(problemOf((state, tray) => edits.renameColumn(state, tray, 2, ' x'))).toContain('spaces')
    expect(problemOf((state, tray) => edits.changeType(state, tray, 2, 'string'))).toContain('cannot become string')
    expect(problemOf((state, tray) => edits.toggleIdentifier(state, tray, 2))).toContain('optional')
    expect(problemOf((state, tray) => edits.toggleIdentifier(state, tray, 1))).toBeNull()
  })

  it('is not the reason against another change when it is in the tray already', () => {
    const gone: Intent = { kind: 'drop-column', fieldId: 99, column: ['gone'] }
    const { misfits, draft } = draftSchema(METADATA, [gone, ...trayAfter((s, t) => edits.dropColumn(s, t, 6))])
    expect(misfits).toMatchObject([{ intent: gone }])
    expect(draft.schema.fields.map(({ name }) => name)).not.toContain('note')
    expect(editProblem(METADATA, [gone], [gone, { kind: 'drop-column', fieldId: 6, column: ['note'] }])).toBeNull()
  })
})

it('marks what comes, changes and goes, where it was', () => {
  const tray = trayAfter(
    (state, known) => edits.dropColumn(state, known, 2),
    (state, known) => edits.changeType(state, known, 4, 'double'),
    (state, known) => edits.addColumn(state, known, 3, undefined),
  )
  const before = METADATA.schemas[0] ?? { schemaId: 0, identifierFieldIds: [], fields: [] }
  const rows = treeRows(before, draftSchema(METADATA, tray).draft.schema)
  expect(rows.map(({ field, mark, depth, isTouched }) => [field.name, mark, depth, isTouched])).toEqual([
    ['id', null, 0, false],
    ['delay', '−', 0, true],
    ['place', null, 0, true],
    ['lat', '~', 1, true],
    ['new_column', '+', 1, true],
    ['day', null, 0, false],
    ['note', null, 0, false],
  ])
})
