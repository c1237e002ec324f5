import { tableFromIPC } from 'apache-arrow'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { expect, test } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import { EXPORT_FORMATS } from '@/components/table/rows/export/export-formats'
import { encodeFile, type SaveOptions } from '@/lib/client/rows/export/save-rows'
import type { RowFormat } from '@/lib/scan/output/row-encoder'
import { type ExportSource, toPageRows } from './export-result'

async function encodeResult(format: RowFormat, result: ExportSource, options?: SaveOptions): Promise<Blob> {
  const chosen = EXPORT_FORMATS.find((each) => each.format === format)
  if (!chosen) throw new Error(`no format ${format}`)
  return await encodeFile(toPageRows(result, format), chosen, options)
}

const FIELDS: NestedField[] = [
  { id: 0, name: 'n', type: 'long', required: false },
  { id: 1, name: 'n', type: 'decimal(38, 2)', required: false },
  { id: 2, name: 'note', type: 'string', required: false },
]
const ROWS: (RowValue | null)[][] = [
  [9_007_199_254_740_993n, -1_234_567_890_123_456_789_012n, '=1+1'],
  [-1n, null, 'a "b", c'],
  [null, 0n, ''],
]
const source = {
  fields: FIELDS,
  rowCount: ROWS.length,
  value: (row: number, column: number) => ROWS[row]?.[column] ?? null,
}

test('a result as CSV has exact numbers, marks formulas, and distinguishes columns of one name', async () => {
  expect(await (await encodeResult('csv', source)).text()).toBe(
    ['n,n_2,note', "9007199254740993,-12345678901234567890.12,'=1+1", '-1,,"a ""b"", c"', ',0.00,""', ''].join('\r\n'),
  )
})

test('a result as JSON has a row per line, with every digit', async () => {
  const [first, , last] = (await (await encodeResult('ndjson', source)).text()).split('\n')
  expect(first).toBe('{"n":9007199254740993,"n_2":"-12345678901234567890.12","note":"=1+1"}')
  expect(last).toBe('{"n":null,"n_2":"0.00","note":""}')
})

test('a result as an Arrow stream is read by Arrow', async () => {
  const table = tableFromIPC(new Uint8Array(await (await encodeResult('arrow', source)).arrayBuffer()))
  expect(table.numRows).toBe(3)
  expect(table.getChild('n')?.get(0)).toBe(9_007_199_254_740_993n)
})

test('a result without rows has its names, and a long one all of its rows in order', async () => {
  expect(await (await encodeResult('csv', { ...source, rowCount: 0 })).text()).toBe('n,n_2,note\r\n')
  const many = { ...source, fields: FIELDS.slice(0, 1), rowCount: 20_000, value: (row: number) => BigInt(row) }
  const lines = (await (await encodeResult('csv', many)).text()).trimEnd().split('\r\n')
  expect(lines).toHaveLength(20_001)
  expect(lines.at(-1)).toBe('19999')
})

test('a result as Parquet or Arrow has no field ids, because its columns are not those of a table', async () => {
  const nested: NestedField['type'] = { type: 'list', elementId: 8, element: 'long', elementRequired: false }
  const result = { ...source, fields: [...FIELDS, { id: 3, name: 'l', type: nested, required: false }] }
  const { schema } = parquetMetadata(await (await encodeResult('parquet', result)).arrayBuffer())
  expect(schema.map(({ name }) => name)).toEqual(['table', 'n', 'n_2', 'note', 'l', 'list', 'element'])
  expect(schema.filter((element) => element.field_id !== undefined)).toEqual([])
  const table = tableFromIPC(new Uint8Array(await (await encodeResult('arrow', result)).arrayBuffer()))
  expect(table.schema.fields.map(({ metadata }) => metadata.size)).toEqual([0, 0, 0, 0])
})

test('a result as Parquet is read by another reader with every digit', async () => {
  const file = await (await encodeResult('parquet', source)).arrayBuffer()
  const rows = await parquetReadObjects({ file, utf8: true })
  expect(rows.map(({ n, note }) => [n ?? null, note])).toEqual([
    [9_007_199_254_740_993n, '=1+1'],
    [-1n, 'a "b", c'],
    [null, ''],
  ])
  expect(Object.keys(rows[0] ?? {})).toEqual(['n', 'n_2', 'note'])
})

test('an infinite date, which Parquet and Arrow do not have, is refused and not written as another', async () => {
  const day = (type: NestedField['type'], value: RowValue) => ({
    fields: [{ id: 0, name: 'day', type, required: false }],
    rowCount: 1,
    value: () => value,
  })
  const list = { type: 'list', elementId: 0, element: 'timestamp', elementRequired: false } as const
  for (const infinite of [day('date', 'infinity'), day(list, [0n, '-infinity'])])
    for (const format of ['parquet', 'arrow'] as const)
      await expect(encodeResult(format, infinite)).rejects.toMatchObject({ code: 'not-supported' })
  expect(await (await encodeResult('csv', day('date', 'infinity'))).text()).toContain('infinity')
})

test('an export reports its progress and stops when it is cancelled', async () => {
  const many = { ...source, fields: FIELDS.slice(0, 1), rowCount: 100_000, value: (row: number) => BigInt(row) }
  const counts: number[] = []
  const controller = new AbortController()
  const onProgress = ({ rowCount }: { rowCount: number }) => {
    counts.push(rowCount)
    if (counts.length === 2) controller.abort()
  }
  const { signal } = controller
  await expect(encodeResult('parquet', many, { signal, onProgress })).rejects.toThrow('aborted')
  expect(counts).toHaveLength(2)
  expect(counts[1]).toBeGreaterThan(counts[0] ?? 0)
})
