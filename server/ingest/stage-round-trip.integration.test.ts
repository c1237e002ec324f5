import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { column, createTestStaging, queryDuckdb } from '@/testing/ingest/test-staging'
import { duckdbType } from '@/server/data-files/duckdb/column-type'
import { INPUT_FORMATS, type InputFormat } from '@/lib/contract/shapes/input-formats'

const { stage, rows, file } = createTestStaging()

/** Texts as CSV and NDJSON contain them; null is a null. */
const VALUES: readonly (readonly [PrimitiveType, readonly (string | null)[]])[] = [
  [
    'uuid',
    [
      'f79c3e09-677c-4bbd-a479-3f349cb785e7',
      '00000000-0000-0000-0000-000000000000',
      null,
      'ffffffff-ffff-ffff-ffff-ffffffffffff',
    ],
  ],
  ['binary', ['', '00', 'ff00ff', null, '5c78225c2c0a0d'.repeat(9)]],
  ['time', ['00:00:00', '23:59:59.999999', null, '12:34:56.000001']],
  [
    'timestamp_ns',
    ['1677-09-23 00:00:00.000000001', '2262-04-10 23:59:59.999999999', null, '2001-02-03 04:05:06.000000007'],
  ],
  ['decimal(38, 0)', ['99999999999999999999999999999999999999', '-99999999999999999999999999999999999999', null, '0']],
  ['decimal(38, 37)', ['9.9999999999999999999999999999999999999', '-0.0000000000000000000000000000000000001', null]],
  ['decimal(38, 10)', ['-1234567890123456789012345678.0123456789', null, '0.0000000001']],
  ['decimal(18, 2)', ['9999999999999999.99', '-9999999999999999.99', null, '0.10']],
]

describe('A value', () => {
  for (const format of INPUT_FORMATS) {
    it.each(VALUES)(`of %s comes through ${format} unchanged`, async (type, texts) => {
      const staged = await stage(format, await inputOf(format, type, texts), [
        column(1, 'id', 'int'),
        column(2, 'x', type),
      ])
      const shown = type === 'binary' ? 'lower(hex(x))' : 'x::VARCHAR'
      expect(await rows(staged, `id, ${shown}`)).toEqual(texts.map((text, i) => [i, text]))
    })
  }
})

async function inputOf(format: InputFormat, type: PrimitiveType, texts: readonly (string | null)[]) {
  switch (format) {
    case 'csv':
      return `id,x\n${texts.map((text, i) => `${i},${text === null ? '' : `"${text}"`}`).join('\n')}\n`
    case 'ndjson':
      return texts.map((text, i) => `{"id":${i},"x":${JSON.stringify(text)}}`).join('\n')
    case 'parquet': {
      const path = file(`${type.replaceAll(/\W/g, '_')}.parquet`)
      const sql = (text: string | null) => {
        if (text === null) return 'NULL'
        return type === 'binary' ? `unhex('${text}')` : `'${text}'::${duckdbType(type)}`
      }
      const values = texts.map((text, i) => `(${i}, ${sql(text)})`)
      await queryDuckdb(`COPY (SELECT * FROM (VALUES ${values.join(', ')}) AS r(id, x)) TO '${path}'`)
      return readFileSync(path)
    }
  }
}
