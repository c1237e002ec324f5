import { describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { nameAtCursor } from '../completion'
import { findTableReferences } from './table-references'
import { tokenize } from '../statement/tokenize'

const CLOCK = { nowMs: 0 }
const referencesOf = (sql: string) => findTableReferences(tokenize(sql), CLOCK)

function problemOf(sql: string): { message: string; range: string; hint: string } {
  try {
    referencesOf(sql)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const { start, end, hint } = error.facts
    return { message: error.message, range: sql.slice(Number(start), Number(end)), hint: String(hint) }
  }
  throw new Error(`${sql} was not refused`)
}

describe('A file in place of a table', () => {
  it('is a file of a table, at its current snapshot or another one', () => {
    const sql = "select * from read_parquet('s3://b/it''s.parquet', table = 'lake.\"De.mo\".flights', snapshot = 12) f"
    const [reference] = referencesOf(sql)
    expect(reference).toMatchObject({
      alias: 'f',
      asOf: { snapshotId: '12' },
      file: { source: { kind: 'table', path: "s3://b/it's.parquet", table: ['lake', 'De.mo', 'flights'] } },
    })
    expect(sql.slice(reference?.fullRange.start, reference?.fullRange.end)).toMatch(/^read_parquet\(.*12\)$/)
  })

  it('keeps the digits of a snapshot that no number holds', () => {
    const [reference] = referencesOf("from parquet_scan('a', table => 'd.t', snapshot := 9007199254740993)")
    expect(reference?.asOf).toEqual({ snapshotId: '9007199254740993' })
  })

  it('is a dropped file, anywhere a table is', () => {
    const sql =
      "select * from demo.t join READ_PARQUET('dropped:a.parquet') a on true, (describe read_parquet('dropped:b'))"
    expect(referencesOf(sql).map(({ file, isBare }) => [file?.source ?? null, isBare])).toEqual([
      [null, false],
      [{ kind: 'dropped', name: 'a.parquet' }, false],
      [{ kind: 'dropped', name: 'b' }, true],
    ])
  })

  it.each([
    [
      "from read_parquet('https://evil.example/x.parquet')",
      "'https://evil.example/x.parquet'",
      'only files that a snapshot',
    ],
    ["from read_parquet('/etc/passwd')", "'/etc/passwd'", 'only files that a snapshot'],
    ["from read_parquet(['a', 'b'])", '[', 'one file'],
    ['from read_parquet(path)', 'path', 'one file'],
    ["from read_parquet('a', union_by_name = true)", 'union_by_name', 'the table of the file'],
    ["from read_parquet('a', table = demo.t)", 'table', 'a text in quotes'],
    ["from read_parquet('a', table = 'demo.')", "'demo.'", 'not the name of a table'],
    ["from read_parquet('a', table = 'd.t', snapshot = 'main')", "'main'", 'not the id of a snapshot'],
    ["from read_parquet('a', table = 'd.t', table = 'd.u')", 'table', 'the table of the file'],
    ["from read_parquet('dropped:a', table = 'd.t')", "'d.t'", 'belongs to no table'],
    ["from read_parquet('a', table = 'd.t'", "'a'", 'not closed'],
  ])('is refused at the argument: %s', (sql, range, message) => {
    const problem = problemOf(sql)
    expect(problem.message).toContain(message)
    expect(problem.range).toBe(range)
  })

  it('says what can be read instead', () => {
    expect(problemOf("from read_parquet('x')").hint).toContain("read_parquet('dropped:name.parquet')")
    expect(problemOf("select * from 'x.parquet'").hint).toContain('read_parquet(')
  })

  it('completes no columns, because it is not planned yet', () => {
    const sql = "select  from read_parquet('dropped:a')"
    expect(nameAtCursor(sql, 7, CLOCK)?.references).toEqual([])
  })
})
