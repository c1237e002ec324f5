import { expect, it } from 'vitest'
import { draftOfDeclaration } from '@/lib/changes/new-table/new-table-draft'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import { readFooter } from '@/lib/parquet/footer'
import { readCorpusFile } from '@/testing/parquet-corpus/corpus-files'
import { declaredColumns } from './declared-columns'

it('declares the columns that a table needs for a file of PyArrow', async () => {
  const bytes = readCorpusFile('v2-zstd.parquet')
  const { schema } = await readFooter({
    name: 'v2-zstd.parquet',
    byteLength: bytes.length,
    read: async (start, end) => bytes.subarray(start, end),
  })
  const { fields } = draftOfDeclaration({ columns: declaredColumns(schema).columns }).schema
  const found = fields.filter(({ name }) => /\.(PLAIN|RLE)$/.test(name))
  expect(new Set(found.map(({ name, type }) => `${name.split('_').at(0)} ${typeLabel(type)}`))).toEqual(
    new Set([
      'boolean boolean',
      'boolean list<struct<v: list<boolean>>>',
      'bytes binary',
      'decimal decimal(12, 3)',
      'double double',
      'fixed fixed[5]',
      'float float',
      'instant timestamptz',
      'int32 int',
      'int32 list<struct<v: list<int>>>',
      'int64 long',
      'long decimal(38, 10)',
      'text string',
      'text list<struct<v: list<string>>>',
    ]),
  )
  const required = new Map(found.map((field) => [field.name, field.required]))
  expect([required.get('int32_required.PLAIN'), required.get('int32_optional.PLAIN')]).toEqual([true, false])
})
