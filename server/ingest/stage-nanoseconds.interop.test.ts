import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { column, createTestStaging } from '@/testing/ingest/test-staging'

const python = installPyiceberg()
const { stage, rejects, rows, file } = createTestStaging()
let inputs = 0

describe.skipIf(python === null)('Nanoseconds of files that pyarrow wrote (skipped if it is not available)', () => {
  const ids = [1, 2, 3, 4]
  const fields = (type: PrimitiveType) => [column(1, 'id', 'long'), column(2, 'at', type)]
  /** Writes a file with two columns, `id` and `at`; each kind in two row groups. */
  const writeTimes = (kind: 'int96' | 'utc', times: readonly (bigint | null)[], unit: 'ns' | 'us' = 'ns') => {
    inputs += 1
    const path = file(`nanos-${inputs}.parquet`)
    const zone = kind === 'utc' ? ", tz='UTC'" : ''
    const values = times.map((value) => (value === null ? 'None' : `${value}`)).join(', ')
    const program = `import pyarrow as pa, pyarrow.parquet as pq
at = pa.array([${values}], pa.timestamp('${unit}'${zone}))
rows = pa.table({'id': pa.array([${ids.join(', ')}], pa.int64()), 'at': at})
pq.write_table(rows, '${path}', row_group_size=3, compression='zstd', use_deprecated_int96_timestamps=${kind === 'int96' ? 'True' : 'False'})`
    execFileSync(python ?? '', ['-c', program])
    return readFileSync(path)
  }
  const KINDS = [
    ['int96', 'timestamp', ''],
    ['utc', 'timestamptz', '+00'],
  ] as const

  it.each(KINDS)('are loaded from %s when every time is a whole number of microseconds', async (kind, type, zone) => {
    const bytes = writeTimes(kind, [-1_000n, 1_700_000_000_123_456_000n, null, 0n])
    expect(await rows(await stage('parquet', bytes, fields(type)), 'id, "at"')).toEqual([
      ['1', `1969-12-31 23:59:59.999999${zone}`],
      ['2', `2023-11-14 22:13:20.123456${zone}`],
      ['3', null],
      ['4', `1970-01-01 00:00:00${zone}`],
    ])
  })

  it('are loaded from int96 in years that 64 bits of nanoseconds do not reach', async () => {
    const micros = [253_402_300_799_999_999n, null, -62_135_596_800_000_000n, 0n]
    const staged = await stage('parquet', writeTimes('int96', micros, 'us'), fields('timestamp'))
    expect(await rows(staged, 'id, "at"')).toEqual([
      ['1', '9999-12-31 23:59:59.999999'],
      ['2', null],
      ['3', '0001-01-01 00:00:00'],
      ['4', '1970-01-01 00:00:00'],
    ])
  })

  it.each(KINDS)('are loaded from %s into a column of nanoseconds unchanged', async (kind, type, zone) => {
    const nanos = [-1_001n, 1_000n, null, 1_700_000_000_123_456_789n]
    const bytes = writeTimes(kind, nanos)
    const spec = { specId: 1, fields: [{ sourceId: 1, fieldId: 1000, name: 'none', transform: 'void' }] }
    for (const options of [{}, { spec }]) {
      const staged = await stage('parquet', bytes, fields(`${type}_ns`), options)
      const path = staged.files[0]?.stagedPath ?? ''
      const program = `import pyarrow as pa, pyarrow.parquet as pq
at = pq.read_table('${path}')['at']
print(at.type, *at.cast(pa.int64()).to_pylist())`
      const read = execFileSync(python ?? '', ['-c', program], { encoding: 'utf8' }).trim()
      expect(read).toBe(
        `timestamp[ns${zone === '' ? '' : ', tz=UTC'}] ${nanos.map((value) => value ?? 'None').join(' ')}`,
      )
    }
  })

  it.each(KINDS)('are rejected from %s with their row, and the other rows loaded', async (kind, type, zone) => {
    const bytes = writeTimes(kind, [-1_001n, 1_000n, null, 1_700_000_000_123_456_789n])
    const spec = { specId: 1, fields: [{ sourceId: 2, fieldId: 1000, name: 'd', transform: 'day' }] }
    for (const options of [{}, { spec }]) {
      const staged = await stage('parquet', bytes, fields(type), { maxRejectedRows: 2, ...options })
      expect(staged.rowsRejected).toBe(2)
      expect((await rows(staged, 'id, "at"')).toSorted(([a], [b]) => Number(a) - Number(b))).toEqual([
        ['2', `1970-01-01 00:00:00.000001${zone}`],
        ['3', null],
      ])
      expect(rejects()).toEqual([
        {
          line: 1,
          column: 'at',
          value: `1969-12-31 23:59:59.999998999${zone}`,
          reason: 'is more precise than microseconds',
        },
        {
          line: 4,
          column: 'at',
          value: `2023-11-14 22:13:20.123456789${zone}`,
          reason: 'is more precise than microseconds',
        },
      ])
    }
  })
})
