import { describe, expect, it } from 'vitest'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import type { Type } from '@/lib/iceberg/schema/types'
import { column, createTestStaging } from '@/testing/ingest/test-staging'

const { stage, rows } = createTestStaging()
const NESTED: readonly (readonly [string, Type, (zero: string) => string, string])[] = [
  [
    'a list',
    { type: 'list', elementId: 9, elementRequired: false, element: 'float' },
    (zero) => `[${zero}, null]`,
    'x[1]',
  ],
  ['a struct', { type: 'struct', fields: [column(9, 'y', 'double')] }, (zero) => `{"y":${zero}}`, 'x.y'],
  [
    'a map',
    { type: 'map', keyId: 9, key: 'string', valueId: 10, valueRequired: false, value: 'double' },
    (zero) => `{"k":${zero}}`,
    "x['k']",
  ],
]
const SPEC: PartitionSpec = {
  specId: 1,
  fields: [{ sourceId: 1, fieldId: 1000, name: 'kind', transform: 'identity' }],
}
/** So many that a writer uses a dictionary. */
const COUNT = 1_000
const zeroOf = (i: number) => (i % 2 === 0 ? '0.0' : '-0.0')
const kindOf = (i: number) => ['a', 'b'][i % 3 === 0 ? 0 : 1]

describe('Negative zeros', () => {
  it.each(['float', 'double'] as const)('of %s keep their sign next to positive ones', async (type) => {
    const lines = Array.from({ length: COUNT }, (_, i) => `${kindOf(i)},${zeroOf(i)}`)
    const fields = [column(1, 'kind', 'string'), column(2, 'x', type)]
    for (const spec of [undefined, SPEC]) {
      const staged = await stage('csv', `kind,x\n${lines.join('\n')}\n`, fields, spec && { spec })
      const signs = await rows(staged, 'kind, x = 0 AND signbit(x)')
      expect(signs.filter(([, isNegative]) => isNegative === true)).toHaveLength(COUNT / 2)
      expect(signs).toHaveLength(COUNT)
    }
  })

  it.each(['float', 'double'] as const)('of %s are a partition apart from positive ones', async (type) => {
    const fields = [column(1, 'id', 'int'), column(2, 'x', type)]
    const spec = { specId: 1, fields: [{ sourceId: 2, fieldId: 1000, name: 'x', transform: 'identity' }] }
    // Up to 24 partitions are written one by one, and more are cut from one sorted file.
    for (const otherCount of [2, 40]) {
      const values = ['0.0', '-0.0', 'NaN', '', ...Array.from({ length: otherCount }, (_, i) => `${i - 1.5}`)]
      const lines = Array.from({ length: 5 * values.length }, (_, i) => `${i},${values[i % values.length]}`)
      const staged = await stage('csv', `id,x\n${lines.join('\n')}\n`, fields, { spec })
      expect(staged.files).toHaveLength(values.length)
      for (const [zero, isNegative] of [
        [0, false],
        [-0, true],
      ] as const) {
        const file = staged.files.find(({ partition }) => Object.is(partition[0], zero))
        if (!file) throw new Error(`no file of ${isNegative ? 'negative' : 'positive'} zeros`)
        const signs = await rows({ ...staged, files: [file] }, 'x = 0 AND signbit(x)')
        expect(signs).toEqual(Array.from({ length: 5 }, () => [isNegative]))
      }
    }
  })

  it.each(NESTED)('within %s keep their sign', async (_where, type, toJson, path) => {
    const lines = Array.from({ length: COUNT }, (_, i) => `{"kind":"${kindOf(i)}","x":${toJson(zeroOf(i))}}`)
    const fields = [column(1, 'kind', 'string'), column(2, 'x', type)]
    const staged = await stage('ndjson', lines.join('\n'), fields)
    const signs = await rows(staged, `${path} = 0 AND signbit(${path})`)
    expect(signs.map(([isNegative]) => isNegative)).toEqual(lines.map((_, i) => i % 2 === 1))
  })

  it('leave the dictionaries of a file without them', async () => {
    const lines = Array.from({ length: COUNT }, (_, i) => `${kindOf(i)},${i % 5}.5`)
    const staged = await stage('csv', `kind,x\n${lines.join('\n')}\n`, [
      column(1, 'kind', 'string'),
      column(2, 'x', 'double'),
    ])
    expect(staged.files[0]?.sizes.encodedBytes).toBeLessThan(COUNT * 2)
  })
})
