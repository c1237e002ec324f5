import { readFileSync } from 'node:fs'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import { type GoldenRead, type GoldenTable, listGoldenTables } from './golden-tables'
import { readGoldenTable } from './read-golden-table'

/**
 * Tables that Spark, Trino, Flink, PyIceberg, Iceberg's Java library and Lakeshore wrote have exactly the rows that
 * engines read, at every snapshot, branch and tag. `expectations.json` names the tables that are not supported yet, and
 * the reason with which they are refused.
 */

/** `reason` is null for a table whose rows differ from the recorded ones. */
type Expectation = { supported: true } | { supported: false; reason: string | null }

const expectations = JSON.parse(readFileSync(path.join(import.meta.dirname, 'expectations.json'), 'utf8')) as {
  tables: Record<string, Expectation>
  lineage: Expectation
}
const tables = listGoldenTables()

test('The expectations name every golden table', () => {
  expect(Object.keys(expectations.tables).sort()).toEqual(tables.map(({ name }) => name))
})

describe('A golden table', () => {
  for (const table of tables) {
    const expectation = expectations.tables[table.name]
    if (expectation?.supported) {
      for (const read of table.reads) {
        test(`has the rows that ${table.readers.join(' and ')} read: ${titleOf(table, read)}`, async () => {
          const { rows, recorded } = await readGoldenTable(table, read)
          expect(rows).toEqual(recorded)
        })
      }
    } else {
      const reason = expectation?.reason ?? null
      test(`is not supported: ${table.name}, ${reason ?? 'read wrongly'}`, async () => {
        const outcomes = await Promise.all(table.reads.map((read) => tryRead(table, read)))
        expect(new Set(outcomes)).toContain(reason === null ? 'other rows' : 'refused')
        expect(['the recorded rows', reason === null ? 'other rows' : 'refused']).toEqual(
          expect.arrayContaining(outcomes),
        )
      })
    }
  }

  async function tryRead(table: GoldenTable, read: GoldenRead): Promise<string> {
    const expectation = expectations.tables[table.name]
    try {
      const { rows, recorded } = await readGoldenTable(table, read)
      return isDeepStrictEqual(rows, recorded) ? 'the recorded rows' : 'other rows'
    } catch (error) {
      const reason = expectation?.supported === false ? expectation.reason : null
      return error instanceof AppError && reason !== null && error.message.includes(reason) ? 'refused' : String(error)
    }
  }
})

describe('The row lineage of a golden table', () => {
  const { lineage } = expectations
  for (const table of tables) {
    const expectation = expectations.tables[table.name]
    for (const read of table.reads.filter((one) => one.lineage)) {
      if (expectation?.supported && lineage.supported) {
        test(`is what Spark read: ${titleOf(table, read)}`, async () => {
          const { rows, recorded } = await readGoldenTable(table, read, { withLineage: true })
          expect(rows).toEqual(recorded)
        })
      } else {
        const reasons = [expectation, lineage].map((one) => (one?.supported === false ? one.reason : null))
        test(`is refused: ${titleOf(table, read)}`, async () => {
          const error: unknown = await readGoldenTable(table, read, { withLineage: true }).catch((thrown) => thrown)
          expect(error).toBeInstanceOf(AppError)
          expect(
            reasons.some((reason) => reason !== null && String(error).includes(reason)),
            String(error),
          ).toBe(true)
        })
      }
    }
  }
})

function titleOf({ name }: GoldenTable, { snapshotId, ref }: GoldenRead): string {
  return `${name} at ${ref ?? snapshotId}`
}
