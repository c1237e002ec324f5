import { describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import type { ShownColumn } from '@/lib/scan/compare/compared-columns'
import type { ChangedRows } from '@/lib/scan/compare/snapshot-comparison'
import { rowCondition, toChangedCell, toKindCell } from './changed-cell'
import { markDifference } from './difference-cell'

const STATUS: ShownColumn = {
  key: '2',
  fieldId: 2,
  columnId: 2,
  path: ['status'],
  indexes: [],
  type: 'string',
  side: 'both',
}
const ADDED: ShownColumn = { ...STATUS, key: '3', fieldId: 3, columnId: 3, path: ['by'], side: 'after' }
const ROWS: ChangedRows = {
  kinds: ['in', 'out', 'changed', 'changed'],
  before: new Map([
    ['2', [undefined, 'gone', 'automatic', null]],
    ['3', [undefined, undefined, undefined, undefined]],
  ]),
  after: new Map([
    ['2', ['new', undefined, 'reviewed', null]],
    ['3', ['ada', undefined, 'bob', '']],
  ]),
  isChanged: new Map([
    ['2', [false, false, true, false]],
    ['3', [false, false, false, false]],
  ]),
}
const cellOf = (column: ShownColumn, index: number) => toChangedCell(column, { rows: ROWS, index }, 'UTC')

describe('The cell of a row that differs', () => {
  it('has the value of the side that has the row', () => {
    expect(cellOf(STATUS, 0)).toMatchObject({ text: 'new', tone: 'added' })
    expect(cellOf(STATUS, 1)).toEqual({ kind: 'value', text: 'gone', tone: 'removed' })
    expect(toKindCell({ rows: ROWS, index: 1 })).toMatchObject({ text: '−', copyText: 'out', tone: 'removed' })
  })

  it('has the old value struck next to the new one', () => {
    expect(cellOf(STATUS, 2)).toMatchObject({
      tone: 'changed',
      copyText: 'automatic → reviewed',
      title: 'was automatic\nis reviewed',
      parts: [
        { text: 'automatic', mark: 'old' },
        { text: 'reviewed', mark: 'new' },
      ],
    })
  })

  it('has one value if that did not change', () => {
    expect(cellOf(STATUS, 3)).toEqual({ kind: 'null', text: 'null' })
  })

  it('says that a side has no such column', () => {
    expect(cellOf(ADDED, 2)).toMatchObject({ text: 'bob' })
    expect(cellOf(ADDED, 1)).toMatchObject({ title: 'The snapshot has no such column.' })
  })

  it('is being read, or says why it cannot be', () => {
    expect(toChangedCell(STATUS, undefined, 'UTC')).toBeUndefined()
    const error = new AppError('file-missing', 'The file is gone.')
    expect(toChangedCell(STATUS, error, 'UTC')).toMatchObject({ kind: 'failed', title: 'The file is gone.' })
    expect(toKindCell(error)).toMatchObject({ kind: 'failed' })
  })
})

describe('The condition of a row', () => {
  const id: ShownColumn = { ...STATUS, key: '1', fieldId: 1, columnId: 1, path: ['id'], type: 'long' }
  const rows: ChangedRows = {
    ...ROWS,
    before: new Map([...ROWS.before, ['1', [undefined, 9_007_199_254_740_993n, 2n, 3n]]]),
    after: new Map([...ROWS.after, ['1', [1n, undefined, 2n, null]]]),
  }

  it('names it by its key, exactly, on the side that has it', () => {
    expect(rowCondition({ rows, index: 1 }, [id])).toBe('id = 9007199254740993')
    expect(rowCondition({ rows, index: 2 }, [id, STATUS])).toBe('id = 2 and status = "reviewed"')
    expect(rowCondition({ rows, index: 3 }, [id])).toBe('id is null')
  })

  it('is none without a key, and for values that a condition cannot have', () => {
    expect(rowCondition({ rows, index: 2 }, [])).toBeNull()
    const bytes: ChangedRows = { ...rows, after: new Map([['1', [Uint8Array.of(255)]]]) }
    expect(rowCondition({ rows: bytes, index: 0 }, [{ ...id, type: 'binary' }])).toBeNull()
    expect(rowCondition(new AppError('file-missing', 'The file is gone.'), [id])).toBeNull()
  })
})

describe('The difference of two texts', () => {
  const marked = (old: string, current: string) =>
    markDifference(old, current).map(({ text, mark }) => (mark ? `${mark}:${text}` : text))

  it('is marked alone in a long text', () => {
    expect(marked('13km ENE of Hualian', '12km ENE of Hualian')).toEqual(['1', 'old:3', 'new:2', 'km ENE of Hualian'])
    expect(marked('Willow, Alaska', 'Willow, Alaska (US)')).toEqual(['Willow, Alaska', 'new: (US)'])
  })

  it('is all of texts that share little', () => {
    expect(marked('automatic', 'reviewed')).toEqual(['old:automatic', 'new:reviewed'])
    expect(marked('ml', 'mw')).toEqual(['old:ml', 'new:mw'])
  })

  it('does not cut a character of two units', () => {
    expect(marked('a long text 🦆', 'a long text 🦅')).toEqual(['a long text ', 'old:🦆', 'new:🦅'])
  })
})
