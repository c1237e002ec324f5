import { expect, it } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { treeRows } from '../tree-rows'
import { MAX_UNFOLDED_COLUMNS, treeLines, withUnfolded } from './tree-lines'

const NONE: ReadonlySet<number> = new Set()
const OPTIONS = { openId: null, closedIds: NONE, unfoldedIds: NONE, isFolded: false }

/** 500 columns; the struct of id 401 has the field of id 1401. */
const FIELDS = Array.from({ length: 500 }, (_, i): NestedField => {
  const inner: NestedField = { id: 1_401, name: 'inner', required: false, type: 'int' }
  return {
    id: i + 1,
    name: `c${i + 1}`,
    required: false,
    type: i === 400 ? { type: 'struct', fields: [inner] } : 'int',
  }
})
const ROWS = treeRows({ fields: FIELDS, identifierFieldIds: [] })

function shape(options: Partial<Parameters<typeof treeLines>[1]>): string[] {
  return treeLines(ROWS, { ...OPTIONS, ...options })
    .slice(MAX_UNFOLDED_COLUMNS)
    .map((line) => (line.kind === 'fold' ? `${line.rows.length} folded` : `${line.kind} ${line.row.fieldId}`))
}

it('Columns after the first two hundred are folded, except those that are open, or that a message leads to', () => {
  expect(shape({})).toEqual(['300 folded'])
  expect(shape({ openId: 300 })).toEqual(['99 folded', 'column 300', 'details 300', '200 folded'])
  expect(shape({ shownIds: [1_401] })).toEqual(['200 folded', 'column 401', 'column 1401', '99 folded'])
})

it('A line of folded columns unfolds its next two hundred', () => {
  const folded = ROWS.slice(MAX_UNFOLDED_COLUMNS)
  expect(shape({ unfoldedIds: withUnfolded(NONE, folded) }).slice(MAX_UNFOLDED_COLUMNS)).toEqual(['100 folded'])
})
