import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Type } from '@/lib/iceberg/schema/types'
import { findFixture } from '@/testing/find-fixture'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { readWholeFile } from '@/testing/parquet/read-whole-file'
import type { RowValue } from './read/row-values'

/** Files that other readers of Parquet were reported to refuse, or to read wrongly. */
const FOLDER = findFixture('reports')

describe.skipIf(FOLDER === null)('a file of a bug report (skipped if it is not there)', () => {
  test.each<[Type, Type]>([
    ['string', 'decimal(9, 2)'],
    ['timestamp', 'boolean'],
    ['double', 'uuid'],
    ['binary', 'timestamptz_ns'],
    ['fixed[4]', 'long'],
    ['date', 'variant'],
    ['unknown', { type: 'struct', fields: [{ id: 90, name: 'a', required: false, type: 'long' }] }],
    [
      { type: 'list', elementId: 91, element: 'string', elementRequired: false },
      { type: 'map', keyId: 92, key: 'string', valueId: 93, value: 'long', valueRequired: false },
    ],
  ])('with columns of nulls has nulls of the types %o and %o', async (first, second) => {
    const element = { type: 'list', elementId: 7, elementRequired: false, element: first } as const
    const x = { id: 8, name: 'x', required: false, type: second } as const
    const y = { id: 9, name: 'y', required: false, type: 'long' } as const
    const types = { s: first, n: second, d: first, l: element, st: { type: 'struct', fields: [x, y] } } as const
    expect(await read('null-type-columns.parquet', types)).toEqual({
      id: [1, 2],
      s: [null, null],
      n: [null, null],
      d: [null, null],
      l: [[null, null], null],
      st: [[null, 5n], null],
    })
  })

  test('whose pages claim −1 nulls has its rows', async () => {
    const { id, s } = await read('v2-page-null-count-unknown.parquet')
    expect(id).toEqual(Array.from({ length: 50 }, (_, i) => i))
    expect(s?.slice(0, 4)).toEqual([null, 'v1', 'v2', 'v3'])
  })
})

async function read(
  name: string,
  types: Readonly<Record<string, Type>> = {},
): Promise<Record<string, readonly (RowValue | null)[]>> {
  const bytes = new Uint8Array(readFileSync(path.join(FOLDER ?? '', name)))
  const columns = await readWholeFile(name, bytes, pageCodecs, undefined, types)
  return Object.fromEntries(columns.map(({ field, values }) => [field.name, values]))
}
