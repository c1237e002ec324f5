import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { declarationOfDraft } from '@/lib/changes/new-table/new-table-draft'
import { findFixture } from '@/testing/find-fixture'
import { readFileAsTable } from './file-as-table'

/** Files of other writers, as the form shows them for approval. */

const SPARK = 'iceberg/spark/rename_column/data/id_bucket=2/date=2022-01-02'
const FIXTURES = {
  spark: findFixture(`${SPARK}/00000-20-b65939d1-96e1-4d30-a733-aa5264a479aa-00003.parquet`),
  impala: findFixture('parquet-testing/data/nullable.impala.parquet'),
  rust: findFixture('parquet-testing/data/nested_structs.rust.parquet'),
  int96: findFixture('parquet-testing/data/int96_from_spark.parquet'),
  plain: findFixture('parquet-testing/data/alltypes_plain.parquet'),
}

async function readFixture(file: string | null) {
  if (file === null) throw new Error('the fixture is absent')
  const { draft, sample } = await readFileAsTable(new File([readFileSync(file)], path.basename(file)), 'UTC')
  const { columns = [] } = declarationOfDraft(draft)
  return { columns, sampled: [...(sample?.columns ?? [])], source: sample?.source }
}

describe.skipIf(FIXTURES.spark === null)(
  'The draft of a data file of Spark (skipped without ../shared/fixtures)',
  () => {
    it('has the types that Iceberg gave it, and what each column has', async () => {
      const { columns, sampled, source } = await readFixture(FIXTURES.spark)
      expect(columns).toEqual([
        { name: 'id', type: 'int', required: true },
        { name: 'name', type: 'string' },
        { name: 'date', type: 'date' },
        { name: 'price', type: 'decimal(10, 2)' },
        { name: 'active', type: 'boolean' },
      ])
      expect(sampled.map(([id, { text }]) => [id, text])).toEqual([
        [1, '4'],
        [2, 'Thumper'],
        [3, '2022-01-02'],
        [4, '99999999.99'],
        [5, 'false'],
      ])
      expect(source).toMatch(/, 1 row$/)
    })
  },
)

describe.skipIf(FIXTURES.impala === null)(
  'The draft of files of parquet-testing (skipped without ../shared/fixtures)',
  () => {
    it('has lists, maps and structs in each other', async () => {
      const { columns } = await readFixture(FIXTURES.impala)
      const counted = {
        struct: [
          { name: 'E', type: 'int' },
          { name: 'F', type: 'string' },
        ],
      }
      expect(columns).toEqual([
        { name: 'id', type: 'long' },
        { name: 'int_array', type: { list: 'int' } },
        { name: 'int_array_Array', type: { list: { list: 'int' } } },
        { name: 'int_map', type: { map: { key: 'string', value: 'int' } } },
        { name: 'int_Map_Array', type: { list: { map: { key: 'string', value: 'int' } } } },
        {
          name: 'nested_struct',
          type: {
            struct: [
              { name: 'A', type: 'int' },
              { name: 'b', type: { list: 'int' } },
              { name: 'C', type: { struct: [{ name: 'd', type: { list: { list: counted } } }] } },
              {
                name: 'g',
                type: {
                  map: {
                    key: 'string',
                    value: { struct: [{ name: 'H', type: { struct: [{ name: 'i', type: { list: 'double' } }] } }] },
                  },
                },
              },
            ],
          },
        },
      ])
    })

    it('says what statistics have of a column, and nothing of its type', async () => {
      const textOf = async (file: string | null, id: number) => new Map((await readFixture(file)).sampled).get(id)?.text
      expect(await textOf(FIXTURES.impala, 1)).toBe('no nulls')
      expect(await textOf(FIXTURES.impala, 2)).toBe('')
      expect(await textOf(FIXTURES.plain, 1)).toBe('no statistics')
    })

    it('says which types are a guess', async () => {
      const { columns, sampled } = await readFixture(FIXTURES.int96)
      expect(columns).toEqual([{ name: 'a', type: 'timestamptz' }])
      expect(sampled).toEqual([
        [1, { text: '16.7% null', type: 'timestamptz', doubt: 'a time of older writers, taken as UTC' }],
      ])
      const unsigned = (await readFixture(FIXTURES.rust)).sampled.filter(([, { doubt }]) => doubt !== null)
      expect(new Set(unsigned.map(([, { type, doubt }]) => `${type}: ${doubt}`))).toEqual(
        new Set(['decimal(20, 0): unsigned, up to 20 digits']),
      )
    })
  },
)
