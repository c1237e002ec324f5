import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sourceOf } from '@/testing/parquet/hand-made-file'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import type { NestedField, PrimitiveType, Schema, Value } from '@/lib/iceberg/schema/types'
import { bindPredicate } from '../predicate/bind-predicate'
import { parsePredicateText } from '../predicate/predicate-text'
import { type OpenDataFile, openDataFile } from '../read/data-file'
import { findMatches } from './find-matches'
import { createPartitionFilter } from './partition-filter'
import type { RowSkipReason } from './prune-row-group'

const python = installPyiceberg()

const fields: NestedField[] = (
  [
    ['n', 'int'],
    ['big', 'long'],
    ['text', 'string'],
    ['word', 'string'],
    ['price', 'decimal(9, 2)'],
    ['day', 'date'],
    ['moment', 'timestamp'],
    ['share', 'double'],
    ['rare', 'int'],
  ] as const
).map(([name, type], i) => ({ id: i + 1, name, required: false, type }))

type Case = { type: PrimitiveType; transform: string; filter: string; values: readonly (number | string | null)[] }

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
const comparisons = (literal: string) => ['=', '!=', '<', '<=', '>', '>='].map((sign) => `x ${sign} ${literal}`)

/** Every comparison with literals around partition boundaries, and all partitions around them. */
const CASES: Case[] = [
  ...['-11', '-10', '-1', '0', '9', '10'].flatMap((literal) =>
    (['int', 'long'] as const).flatMap((type) => [
      ...toCases(type, 'truncate[10]', literal, [-30, -20, -10, 0, 10, 20, null]),
      ...toCases(type, 'bucket[8]', literal, [...range(0, 8), null]),
      ...toCases(type, 'identity', literal, [...range(-12, 12), null]),
    ]),
  ),
  ...["'abc'", "'ab'", "'a'", "'ü'", "''"].flatMap((literal) => [
    ...toCases('string', 'truncate[2]', literal, ['', 'a', 'aa', 'ab', 'ac', 'b', 'ü', null]),
    ...toCases('string', 'bucket[8]', literal, [...range(0, 8), null]),
    ...toCases('string', 'identity', literal, ['', 'a', 'ab', 'abc', 'abd', 'ü', null]),
  ]),
  ...["'1970-03-01'", "'1970-02-28'", "'1971-01-01'", "'2024-02-29'"].flatMap((literal) => [
    ...toCases('date', 'year', literal, [...range(0, 3), 54, null]),
    ...toCases('date', 'month', literal, [...range(0, 15), 649, null]),
    ...toCases('date', 'day', literal, [...range(55, 63), 365, 19_782, null]),
    ...toCases('date', 'bucket[8]', literal, [...range(0, 8), null]),
  ]),
  ...["'1970-01-02T00:00:00'", "'1970-01-01T23:59:59.999999'", "'1971-01-01T00:00:00.000001'"].flatMap((literal) => [
    ...toCases('timestamp', 'year', literal, [...range(0, 3), null]),
    ...toCases('timestamp', 'month', literal, [...range(0, 15), null]),
    ...toCases('timestamp', 'day', literal, [...range(0, 5), 364, 365, 366, null]),
    ...toCases('timestamp', 'hour', literal, [...range(20, 28), 8759, 8760, 8761, null]),
  ]),
  ...['-0.51', '-0.50', '0.00', '0.49', '0.50'].flatMap((literal) => [
    ...toCases('decimal(9, 2)', 'truncate[50]', literal, ['-1.00', '-0.50', '0.00', '0.50', '1.00', null]),
    ...toCases('decimal(9, 2)', 'bucket[8]', literal, [...range(0, 8), null]),
  ]),
]

function toCases(type: PrimitiveType, transform: string, literal: string, values: Case['values']): Case[] {
  const prefix = type === 'string' && literal !== "''" ? [`x starts with ${literal}`] : []
  const filters = [...comparisons(literal), `x in (${literal}, ${literal})`, 'x is null', 'x is not null', ...prefix]
  return filters.map((filter) => ({ type, transform, filter, values }))
}

describe.skipIf(python === null)('Filters, judged by PyArrow and PyIceberg (skipped without PyIceberg)', () => {
  let folder: string
  let file: OpenDataFile
  let rows: Record<string, number[]>
  let verdicts: boolean[][]

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-prune-'))
    const forPyiceberg = CASES.map((one) => ({
      ...one,
      filter: one.filter.replace(/starts with (.*)$/, 'LIKE $1').replace(/LIKE '(.*)'$/, "LIKE '$1%'"),
    }))
    writeFileSync(path.join(folder, 'cases.json'), JSON.stringify(forPyiceberg))
    execFileSync(python ?? '', [path.resolve('testing/peers/prune_session.py'), folder], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const readJson = (name: string) => JSON.parse(readFileSync(path.join(folder, name), 'utf8'))
    rows = readJson('rows.json')
    verdicts = readJson('partitions.json')
    const facts = { recordCount: 20_000, constants: new Map(), nameMapping: null }
    const options = { codecs: pageCodecs, tally: { bytesRead: 0, requests: 0 }, tailBytes: 65_536 }
    file = await openDataFile(sourceOf(readFileSync(path.join(folder, 'indexed.parquet'))), facts, options)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('select the same rows of a file with a page index and bloom filters as PyArrow, whatever is skipped', async () => {
    const reasons = new Set<RowSkipReason | null>()
    for (const [text, expected] of Object.entries(rows)) {
      const predicate = bindPredicate(parsePredicateText(text), { fields })
      for (const use of [[], ['page-index'], ['bloom-filter'], ['dictionary'], undefined] as const) {
        const positions: number[] = []
        for await (const group of findMatches(predicate, file, {
          createBudget: () => () => undefined,
          ...(use && { use }),
        })) {
          positions.push(...group.positions)
          reasons.add(group.reason)
        }
        expect({ text, use, positions }).toEqual({ text, use, positions: expected })
      }
    }
    expect(reasons).toEqual(new Set([null, 'statistics', 'bloom-filter', 'dictionary', 'page-index']))
  })

  it('read few of the rows of a file that is sorted', async () => {
    let skippedRows = 0
    const predicate = bindPredicate(parsePredicateText('n > 100 and n <= 300'), { fields })
    for await (const group of findMatches(predicate, file, { createBudget: () => () => undefined }))
      skippedRows += group.skippedRows
    expect(20_000 - skippedRows).toBeLessThan(2_000)
  })

  it('keep and skip the same partitions as PyIceberg', () => {
    const differences = CASES.flatMap(({ type, transform, filter, values }, i) => {
      const schema: Schema = {
        schemaId: 0,
        identifierFieldIds: [],
        fields: [{ id: 1, name: 'x', required: false, type }],
      }
      const spec = { specId: 0, fields: [{ sourceId: 1, fieldId: 1000, name: 'p', transform }] }
      const predicate = bindPredicate(parsePredicateText(filter), schema)
      const { mightMatchPartition } = createPartitionFilter(predicate, { schemas: [schema], partitionSpecs: [spec] })
      return values.flatMap((value, at) => {
        const ours = mightMatchPartition(0, [toValue(type, transform, value)])
        const theirs = verdicts[i]?.[at]
        return ours === theirs
          ? []
          : [`${type} ${transform}: ${filter} of ${String(value)}: ${ours}, PyIceberg ${theirs}`]
      })
    })
    expect(differences).toEqual([])
  })
})

function toValue(type: PrimitiveType, transform: string, value: number | string | null): Value | null {
  if (value === null || transform.startsWith('bucket')) return value
  if (type.startsWith('decimal')) return BigInt(String(value).replace('.', ''))
  return type === 'long' && typeof value === 'number' ? BigInt(value) : value
}
