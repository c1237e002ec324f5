import { expect, it } from 'vitest'
import { treeLines } from '@/components/table/schema/edit/tree-lines'
import { treeRows } from '@/components/table/schema/tree-rows'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { columnMessages, countNotes, shownMessages, withMessages } from './column-messages'

const field = (id: number): NestedField => ({ id, name: `c${id}`, required: false, type: 'double' })
const columns = Array.from({ length: 1_000 }, (_, i) => field(i + 1))
const inner: NestedField = { ...field(2_000), type: { type: 'struct', fields: [field(2_001)] } }
const ROWS = treeRows({ fields: [...columns, inner], identifierFieldIds: [] })

it('Of a thousand columns with doubts some are drawn, all with a problem, and the folded ones say how many notes they have', () => {
  const doubts = new Map([...columns.map(({ id }) => [id, 'decimal(18, 1) is exact'] as const), [2_001, 'a guess']])
  const problem = { part: { kind: 'column', fieldId: 900 }, message: 'The name is used twice.' } as const
  const messages = columnMessages([problem], doubts)
  const shownIds = shownMessages(messages)
  expect(shownIds).toHaveLength(101)
  expect(shownIds[0]).toBe(900)
  const lines = withMessages(
    treeLines(ROWS, { openId: null, closedIds: new Set(), unfoldedIds: new Set(), shownIds, isFolded: false }),
    messages,
  )
  expect(lines.filter(({ kind }) => kind === 'column')).toHaveLength(201)
  expect(lines.flatMap((line) => (line.kind === 'problem' ? [line.row.fieldId] : []))).toEqual([900])
  const folded = lines.flatMap((line) => (line.kind === 'fold' ? [line.rows] : []))
  expect(folded.map((rows) => [rows.length, countNotes(ROWS, rows, messages)])).toEqual([
    [699, 699],
    [101, 101],
  ])
})
