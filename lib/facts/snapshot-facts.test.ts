import { describe, expect, it } from 'vitest'
import { sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { UNKNOWN } from './amounts'
import { readSnapshotFacts } from './snapshot-facts'

const read = (summary: Record<string, string>) => readSnapshotFacts(sampleSnapshot(1, { summary }))
const rowsOf = (summary: Record<string, string>) => {
  const { added, removed, total } = read(summary)
  return [added.rows, removed.rows, total.rows]
}

describe('A count that a summary lacks', () => {
  it('is unknown, not zero, when there are no counts at all', () => {
    expect(read({ operation: 'append' })).toMatchObject({ added: UNKNOWN, removed: UNKNOWN, total: UNKNOWN })
    expect(read({})).toMatchObject({ operation: 'unknown', added: UNKNOWN })
  })

  it('is unknown for files and bytes, and for every total, when there are only added records', () => {
    const { added, removed, total } = read({ operation: 'append', 'added-records': '10' })
    const noDeletes = { deleteFiles: 0, positionDeletes: 0, equalityDeletes: 0 }
    expect(added).toEqual({ rows: 10, files: null, bytes: null, ...noDeletes })
    expect(removed).toEqual({ rows: 0, files: null, bytes: null, ...noDeletes })
    expect(total).toEqual(UNKNOWN)
  })

  it.each([
    ['append', { 'added-records': '10' }, [10, 0, null]],
    ['delete', { 'deleted-records': '4' }, [0, 4, null]],
    ['overwrite', { 'added-records': '10' }, [10, null, null]],
    ['replace', { 'deleted-records': '4' }, [null, 4, null]],
    ['append', { 'deleted-records': '4' }, [null, 4, null]],
    ['overwrite', { 'added-records': '10', 'total-records': '30' }, [10, 0, 30]],
    ['delete', { 'total-records': '30' }, [0, 0, 30]],
  ])('is zero only when the operation or the total says it: %s %o', (operation, counts, expected) => {
    expect(rowsOf({ operation, ...counts })).toEqual(expected)
  })

  it('leaves the total of deletes unknown, because the table may have some', () => {
    const { added, total } = read({ operation: 'append', 'added-records': '1', 'total-records': '9' })
    expect([added.deleteFiles, total.deleteFiles, total.positionDeletes]).toEqual([0, null, null])
  })
})

describe('A value that is not a count', () => {
  it.each(['abc', '', ' 5', '-5', '+5', '1.0', '1e3', '0x10', '٣', String(2 ** 53), String(2 ** 60), '9'.repeat(400)])(
    'is unknown: %j',
    (value) => {
      expect(rowsOf({ operation: 'append', 'added-records': value, 'total-records': value })).toEqual([null, 0, null])
    },
  )

  it('leaves the largest exact number known', () => {
    expect(rowsOf({ operation: 'append', 'added-records': String(2 ** 53 - 1) })).toEqual([2 ** 53 - 1, 0, null])
  })
})

describe('A summary', () => {
  it('with names that every object has is read by what it sets', () => {
    const summary = JSON.parse(
      '{"__proto__": "x", "constructor": "y", "operation": "append", "added-records": "3"}',
    ) as Record<string, string>
    expect(rowsOf(summary)).toEqual([3, 0, null])
    const inherited = Object.create({ 'added-records': '7', operation: 'delete' }) as Record<string, string>
    expect(read(inherited)).toMatchObject({ operation: 'unknown', added: UNKNOWN })
  })

  it('names its writer by at most 200 characters', () => {
    const { writer, operation } = read({
      operation: 'o'.repeat(1_000),
      'engine-name': 'trino',
      'engine-version': '4'.repeat(1_000),
      'iceberg-version': 'Apache Iceberg 1.9.0 (commit abc)',
      'spark.app.id': 'app-1',
    })
    expect([operation.length, writer.engine?.length]).toEqual([200, 200])
    expect(writer).toMatchObject({ library: 'Apache Iceberg 1.9.0', application: 'app-1' })
    expect(read({ 'spark.app.id': 'app-1' }).writer.engine).toBe('spark')
  })
})
