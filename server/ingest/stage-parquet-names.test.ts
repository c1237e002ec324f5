import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { i32 } from '@/lib/parquet/write/thrift-writer'
import { column, createTestStaging, queryDuckdb } from '@/testing/ingest/test-staging'
import { dataPage, pagedFile, plainLongs, plainTexts } from '@/testing/parquet/paged-file'

/** Parquet files with names that DuckDB takes for the same. */

const { stage, preview, rejects, rejectTexts, rows, file } = createTestStaging()

const INT64 = 2
const BYTE_ARRAY = 6

/** A row, in which each field has its position from 1. */
function namedFile(...names: readonly string[]): Uint8Array {
  const columns = names.map((name, i) => ({
    name,
    fieldId: null,
    physicalType: INT64,
    pages: dataPage(plainLongs([BigInt(i + 1)]), 1),
  }))
  return pagedFile(columns, 1)
}

const longs = (...names: readonly string[]) => names.map((name, i) => column(i + 1, name, 'long'))

describe('A Parquet file that has a name twice', () => {
  it.each([
    [['l', 'l'], longs('l', 'l_1'), {}],
    [['l', 'l', 'l_1'], longs('l', 'l_1'), { ignoreExtra: true }],
    [['a', 'l', 'l'], longs('a'), { mapping: { ignoredFields: ['l'] } }],
  ] as const)('%j is refused in the words of CSV', async (names, fields, options) => {
    const refused = { code: 'invalid-request', message: 'The input names columns twice: "l".' }
    const input = namedFile(...names)
    await expect(stage('parquet', input, fields, options)).rejects.toMatchObject(refused)
    await expect(preview('parquet', input, fields, options)).rejects.toMatchObject(refused)
    const csv = `${names.join(',')}\n${names.map(() => '1').join(',')}\n`
    await expect(stage('csv', csv, fields, options)).rejects.toMatchObject(refused)
  })
})

describe('A Parquet file whose names differ only in case', () => {
  it.each([
    [['S', 's', 's_1'], ['s', 's_1'], ['2', '3'], ['S']],
    [['s_1', 'S', 's'], ['S', 's_1'], ['2', '1'], ['s']],
    [['S', 's'], ['s', 's_1'], ['2', null], ['S']],
    [
      ['s', 'S', 'S_1', 's_1', 's_1_1'],
      ['s_1', 's_1_1', 'S'],
      ['4', '5', '2'],
      ['s', 'S_1'],
    ],
  ] as const)('%j fills the columns %j by the names that the file has', async (names, columns, values, left) => {
    const input = namedFile(...names)
    const options = { ignoreExtra: true }
    const staged = await stage('parquet', input, longs(...columns), options)
    expect(await rows(staged)).toEqual([values])
    const absentColumns = columns.filter((_name, i) => values[i] === null)
    expect(staged.fieldUse).toEqual({ absentColumns, skippedFields: left })
    const shown = await preview('parquet', input, longs(...columns), options)
    expect(shown.rows).toEqual([{ line: 1, values }])
    expect(shown.absentColumns).toEqual(absentColumns)
    expect(shown.fields).toEqual(names.map((name, i) => ({ name, samples: [String(i + 1)] })))
  })

  it('names a field that is left over as the file does', async () => {
    const staged = stage('parquet', namedFile('S', 's', 's_1'), longs('s', 's_1'))
    await expect(staged).rejects.toThrow('(--ignore-extra skips them): "S".')
  })

  it('gives an expression, the rest and a rejected record the names of the file', async () => {
    const input = namedFile('S', 's', 's_1')
    const fields = [column(1, 'x', 'long'), column(2, 'others', 'string')]
    const mapped = (sql: string) => ({ mapping: { columns: { x: { sql }, others: { rest: true } } } as const })
    expect(await rows(await stage('parquet', input, fields, mapped('s_1 * 10')))).toEqual([['30', '{"S":"1","s":"2"}']])
    await expect(stage('parquet', input, fields, mapped('s'))).rejects.toThrow('"s" may be any of the fields S, s.')
    const mapping = { columns: { capital: { field: 'S' } } }
    const narrow = [column(1, 'capital', 'long'), column(2, 's', 'decimal(1, 1)'), column(3, 's_1', 'long')]
    await stage('parquet', input, narrow, { maxRejectedRows: 1, mapping })
    expect(rejects()).toMatchObject([{ line: 1, column: 's', value: '2' }])
    expect(rejectTexts()).toEqual(['{"S":"1","s":"2","s_1":"3"}'])
  })

  it('is asked how its numbers are written by the names that it has', async () => {
    const textColumn = (name: string, value: string) => ({
      name,
      fieldId: null,
      physicalType: BYTE_ARRAY,
      schema: { 6: i32(0) },
      pages: dataPage(plainTexts([value]), 1),
    })
    const input = pagedFile([textColumn('S', '1,5'), textColumn('s', '7.500')], 1)
    const staged = stage('parquet', input, [column(1, 's', 'double')], { ignoreExtra: true })
    await expect(staged).rejects.toThrow('7.500')
  })

  it('cannot have the name that is reserved for row numbers in any case', async () => {
    const staged = stage('parquet', namedFile('File_Row_Number', 's'), longs('s'), { ignoreExtra: true })
    await expect(staged).rejects.toThrow('Column File_Row_Number has a name that is reserved for row numbers.')
  })
})

describe('A struct of a Parquet file with names that differ only in case', () => {
  const st = column(2, 'st', { type: 'struct', fields: [column(3, 'x', 'int'), column(4, 'X_1', 'int')] })

  /** DuckDB cannot write such a file, but its names can be replaced by others of the same length. */
  async function structFile(name: string): Promise<Uint8Array> {
    const path = file(`struct-${name}.parquet`)
    await queryDuckdb(`COPY (SELECT 1 AS id, [{'x': 1, 'y': 2}] AS list, {'x': 1, 'q': 2} AS st) TO '${path}'`)
    const text = readFileSync(path, 'latin1').replaceAll('q', name)
    return Buffer.from(text, 'latin1')
  }

  it.each(['X', 'x'])('is refused for x and %s, and leaves the other columns', async (name) => {
    const input = await structFile(name)
    const options = { ignoreExtra: true }
    const refused = {
      code: 'not-supported',
      message: `Column st of the file has fields in one struct whose names are the same, or differ only in case (st.${name}), which loads cannot tell apart.`,
    }
    await expect(stage('parquet', input, [column(1, 'id', 'int'), st], options)).rejects.toMatchObject(refused)
    await expect(preview('parquet', input, [column(1, 'id', 'int'), st], options)).rejects.toMatchObject(refused)
    expect(await rows(await stage('parquet', input, [column(1, 'id', 'int')], options))).toEqual([[1]])
  })
})
