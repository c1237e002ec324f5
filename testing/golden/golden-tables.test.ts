import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import { type GoldenRead, type GoldenTable, listGoldenTables } from './golden-tables'
import { readGoldenTable } from './read-golden-table'

/**
 * Tables that Spark, Trino, Flink, PyIceberg and Iceberg's Java library wrote have exactly the rows that those read, at
 * every snapshot, branch and tag. `expectations.json` names the tables that are not supported yet, and the reason with
 * which they are refused.
 */

type Expectation = { supported: true } | { supported: false; reason: string }

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
      test(`is refused with the reason: ${table.name}`, async () => {
        const errors: unknown[] = []
        for (const read of table.reads) {
          try {
            const { rows, recorded } = await readGoldenTable(table, read)
            expect(rows, titleOf(table, read)).toEqual(recorded)
          } catch (error) {
            if (!(error instanceof AppError)) throw error
            errors.push(error)
          }
        }
        expect(errors.length).toBeGreaterThan(0)
        for (const error of errors) {
          expect(error).toHaveProperty('message', expect.stringContaining(expectation?.reason ?? 'no expectation'))
        }
      })
    }
  }
})

describe('The row lineage of a golden table', () => {
  for (const table of tables) {
    for (const read of table.reads.filter(({ lineage }) => lineage)) {
      const expectation = expectations.tables[table.name]?.supported
        ? expectations.lineage
        : expectations.tables[table.name]
      if (expectation?.supported) {
        test(`is what Spark read: ${titleOf(table, read)}`, async () => {
          const { rows, recorded } = await readGoldenTable(table, read, { withLineage: true })
          expect(rows).toEqual(recorded)
        })
      } else {
        test(`is refused: ${titleOf(table, read)}`, async () => {
          const result = readGoldenTable(table, read, { withLineage: true })
          await expect(result).rejects.toThrow(expectation?.reason ?? 'no expectation')
        })
      }
    }
  }
})

function titleOf({ name }: GoldenTable, { snapshotId, ref }: GoldenRead): string {
  return `${name} at ${ref ?? snapshotId}`
}
