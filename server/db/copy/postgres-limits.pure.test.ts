import { describe, expect, it } from 'vitest'
import type { CopiedTable } from '../copied-tables'
import type { Column, CopyEndpoint, CopyRow } from './copy-endpoint'
import { findUnsupportedValues, keyValues } from './postgres-limits'

const TABLE = { name: 'tokens', key: ['id', 'kind'], maxCharacters: { note: 5 } } as unknown as CopiedTable
const COLUMNS = ['kind', 'id', 'note'].map((name) => ({ name })) as unknown as readonly Column[]

function find(row: CopyRow, isDamaged = false) {
  const reads: { column: string; key: CopyRow }[] = []
  const source = {
    isDamagedText: async (_: CopiedTable, column: string, key: CopyRow) => {
      reads.push({ column, key })
      return isDamaged
    },
  } as unknown as CopyEndpoint
  return findUnsupportedValues(source, TABLE, COLUMNS, row).then((found) => ({ found, reads }))
}

describe('A value that PostgreSQL cannot store', () => {
  it.each<[string, CopyRow, string, string]>([
    ['contains NUL', ['k', 1n, 'a\0b'], 'note', 'contains the character NUL'],
    ['is bytes', ['k', 1n, Uint8Array.of(1)], 'note', 'has bytes instead of text'],
    ['is too long', ['k', 1n, 'abcdef'], 'note', 'has 6 characters, and 5 fit'],
  ])('is named with its row when it %s', async (_, row, column, reason) => {
    expect((await find(row)).found).toEqual([{ table: 'tokens', key: '1, "k"', column, reason }])
  })

  it('is a key without a value', async () => {
    expect((await find([null, 1n, 'x'])).found).toEqual([
      { table: 'tokens', key: '1, null', column: 'kind', reason: 'has no value, which a key needs' },
    ])
  })

  it('is each one of a row', async () => {
    const { found } = await find(['k\0', 1n, 'abcdef'])
    expect(found.map(({ column }) => column)).toEqual(['kind', 'note'])
  })

  it('is not a text of as many characters as fit, however many units they take', async () => {
    for (const note of ['abcde', '😀😀😀😀😀', '', null]) expect((await find(['k', 1n, note])).found).toEqual([])
    expect((await find(['k', 1n, '😀😀😀😀😀😀'])).found).toHaveLength(1)
  })

  it('may be bytes that are not UTF-8, for which the file itself is asked', async () => {
    const damaged = await find(['k', 1n, 'a\uFFFD'], true)
    expect(damaged.found.map(({ reason }) => reason)).toEqual(['contains bytes that are not UTF-8'])
    expect(damaged.reads).toEqual([{ column: 'note', key: [1n, 'k'] }])
    expect((await find(['k', 1n, 'a\uFFFD'], false)).found).toEqual([])
    expect((await find(['k', 1n, 'ab'])).reads).toEqual([])
  })
})

it('The key of a row is in the order of the key, whatever the order of the columns', () => {
  expect(keyValues(TABLE, COLUMNS, ['k', 1n, 'x'])).toEqual([1n, 'k'])
})
