import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { JsonNumber } from '@/lib/iceberg/json/json-number'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { DataFiles } from '@/lib/scan/data-files'
import { createDeleteLoader } from '@/lib/scan/deletes/delete-loader'
import { createFilteredRows } from '@/lib/scan/filtered-rows'
import { bindPredicate } from '@/lib/scan/predicate/bind-predicate'
import type { Literal, Predicate } from '@/lib/scan/predicate/predicate'
import { predicateToText } from '@/lib/scan/predicate/predicate-text'
import { prunePlan } from '@/lib/scan/prune/prune-plan'
import { createRowBudgets } from '@/lib/scan/read-rows'
import type { ScanFile } from '@/lib/scan/scan-files'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { matrixCases } from '@/testing/property-cases'
import { type GoldenRead, type GoldenValue, listGoldenTables } from './golden-tables'
import { normalizeGoldenValue, sortGolden, toGoldenValue } from './golden-value'
import { openGoldenFile, planGoldenTable } from './open-golden-scan'

/**
 * Filtered rows of golden tables are exactly the passing rows that engines read, although manifests, files, row groups,
 * pages and deleted rows are left out.
 */

const { tables: expectations } = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'expectations.json'), 'utf8'),
) as { tables: Record<string, { supported: boolean }> }
const supported = listGoldenTables().filter(({ name }) => expectations[name]?.supported)

const MAX_VALUES = 2

type Planned = Awaited<ReturnType<typeof planGoldenTable>>
type Row = readonly GoldenValue[]
/** A condition on the column at `index`, and which recorded values pass it. */
type Case = { predicate: Predicate; index: number; passes: (value: GoldenValue) => boolean }

describe('The filtered rows of a golden table', () => {
  test('are checked for a table with position deletes, deletion vectors and equality deletes', () => {
    const [table] = supported.filter(({ name }) => name === 'java_all_kinds_of_deletes')
    expect(table?.readers).toContain('spark')
    expect(table?.reads.length).toBeGreaterThan(4)
  })

  for (const table of supported) {
    test(`are those that pass among the recorded rows of ${table.name}`, async () => {
      for (const [readIndex, read] of table.reads.entries()) {
        const planned = await planGoldenTable(table, read)
        // Each read has its own cases, so that all together have every kind of condition.
        for (const { predicate, index, passes } of matrixCases(listCases(planned, read), 3 * readIndex)) {
          const { rows, recorded } = await readFiltered(planned, read, predicate)
          const expected = recorded.filter((row) => passes(row[index] ?? null))
          expect(rows, `${read.snapshotId ?? read.ref}: ${predicateToText(predicate)}`).toEqual(expected)
        }
      }
    })
  }
})

function listCases({ schema }: Planned, read: GoldenRead): Case[] {
  return schema.fields.flatMap(({ id: column, type }, index): Case[] => {
    const nullTests: Case[] = [
      { predicate: { kind: 'is-null', column }, index, passes: (value) => value === null },
      { predicate: { kind: 'not-null', column }, index, passes: (value) => value !== null },
    ]
    if (typeof type !== 'string') return nullTests
    const values = [...new Set(read.rows.map((row) => row[index] ?? null))].filter((value) => value !== null)
    const samples = values.slice(0, MAX_VALUES).flatMap((value) => {
      const literal = toLiteral(type, value)
      return literal === null ? [] : [{ value, literal }]
    })
    const { kind } = parsePrimitive(type)
    const isWhole = kind === 'int' || kind === 'long'
    const listed = new Set(samples.map(({ value }) => value))
    const literals = samples.map(({ literal }) => literal)
    return [
      ...nullTests,
      ...samples.flatMap(({ value, literal }): Case[] => [
        { predicate: { kind: 'eq', column, value: literal }, index, passes: (other) => other === value },
        {
          predicate: { kind: 'not', part: { kind: 'eq', column, value: literal } },
          index,
          passes: (other) => other !== null && other !== value,
        },
        ...(isWhole
          ? [{ predicate: { kind: 'gt-eq', column, value: literal }, index, passes: isAtLeast(value) } as const]
          : []),
      ]),
      ...(samples.length > 0
        ? [
            {
              predicate: { kind: 'in', column, values: literals },
              index,
              passes: (other: GoldenValue) => other !== null && listed.has(other),
            } as const,
          ]
        : []),
    ]
  })
}

function isAtLeast(bound: GoldenValue): (value: GoldenValue) => boolean {
  return (value) => value !== null && BigInt(String(value)) >= BigInt(String(bound))
}

/** A recorded value as a client writes it; null for types whose recorded form is another one. */
function toLiteral(type: PrimitiveType, value: GoldenValue): Literal | null {
  switch (parsePrimitive(type).kind) {
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'int':
    case 'long':
      return new JsonNumber(String(value))
    case 'decimal':
    case 'date':
    case 'string':
    case 'uuid':
    case 'binary':
    case 'fixed':
      return String(value)
    default:
      return null
  }
}

async function readFiltered(
  { metadata, schema, plan, toScanFile, nameMapping }: Planned,
  read: GoldenRead,
  predicate: Predicate,
): Promise<{ rows: Row[]; recorded: Row[] }> {
  const bound = bindPredicate(predicate, schema)
  const pruned = prunePlan(plan, bound, { metadata })
  async function* tasks(): AsyncGenerator<ScanFile & { filePath: string }, void> {
    for await (const task of pruned.tasks()) yield { ...toScanFile(task), filePath: task.filePath }
  }
  const deletes = createDeleteLoader({ open: (file) => openGoldenFile(file.path), codecs: pageCodecs, nameMapping })
  const dataFiles = new DataFiles({
    open: (file) => openGoldenFile(file.path),
    deletes,
    codecs: pageCodecs,
    nameMapping,
  })
  const filtered = createFilteredRows({
    predicate: bound,
    fields: schema.fields,
    tasks: tasks(),
    open: (file) => dataFiles.open(file),
    createBudget: () => createRowBudgets().reserveMemory,
    createValueBudget: () => createRowBudgets().reserveValueBytes,
    withoutDeleted: async (file, positions) => {
      const deleted = await dataFiles.loadDeletes(file)
      return deleted ? positions.filter((position) => !deleted.has(position)) : positions
    },
  })
  const fieldIds = schema.fields.map(({ id }) => id)
  const { columns, lastRow } = await filtered.readRows({ firstRow: 0, lastRow: plan.rowCount, fieldIds })
  const rows = Array.from({ length: lastRow }, (_, row) =>
    schema.fields.map(({ id, type }) => toGoldenValue(type, columns.get(id)?.[row] ?? null)),
  )
  const normalized = read.rows.map((row) =>
    schema.fields.map(({ type }, i) => normalizeGoldenValue(type, row[i] ?? null)),
  )
  return { rows: sortGolden(rows), recorded: sortGolden(normalized) }
}
