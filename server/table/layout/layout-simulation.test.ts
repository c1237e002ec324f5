import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { simulateLayouts, type WireEstimate } from '@/lib/contract/table/layout'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { layoutFields, layoutValuesLabel } from '@/lib/layout/layout-field'
import { findFieldByName } from '@/lib/iceberg/schema/schema'
import { medianOf } from '@/lib/median'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { followRun } from '@/server/jobs/follow-run'
import { runWorkerLoop } from '@/server/jobs/worker-loop'
import { ingestRuns } from '@/server/ingest/run/ingest-run'
import { INGEST, parseSchema, queueIngest, toFileLocation } from '@/server/ingest/run/ingest-spec'
import { stageInput } from '@/server/ingest/stage/stage-input'
import { readLiveFiles } from '@/server/table/files/live-files'
import { addDeleteFiles } from '@/testing/catalogs/add-delete-files'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { byCases } from '@/testing/property-cases'
import { createTestHome } from '@/testing/homes/test-home'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { createRandom } from '@/testing/seeded-random'
import { readLayoutSimulation } from './layout-simulation'

const home = createTestHome({ LAKESHORE_CATALOG_NAME: 'lake' })
const SCHEMA = JSON.stringify({
  type: 'struct',
  fields: [
    { id: 1, name: 'id', required: true, type: 'long' },
    { id: 2, name: 'day', required: false, type: 'date' },
    { id: 3, name: 'city', required: false, type: 'string' },
    { id: 4, name: 'at', required: false, type: 'timestamp' },
  ],
})

/** Loads rows as people do: one run for each text. */
async function load(name: string, inputs: readonly string[], partitionBy: string | null, properties = {}) {
  const identifier = { catalog: 'lake', namespace: ['ns'], table: name }
  for (const [i, text] of inputs.entries()) {
    const file = path.join(home.config.homeDir, `${name}-${i}.csv`)
    writeFileSync(file, `id,day,city,at\n${text}`)
    const runId = await queueIngest(
      home.database,
      identifier,
      {
        input: [{ location: toFileLocation(file) }],
        format: 'csv',
        ignoreExtra: false,
        maxRejectedRows: 0,
        create: i === 0 ? { schema: SCHEMA, partitionBy, properties } : null,
      },
      COMMAND_LINE,
    )
    const stop = new AbortController()
    const loop = runWorkerLoop(home.services, {
      kinds: { [INGEST]: ingestRuns(home.services, (request, { onProgress }) => stageInput(request, onProgress)) },
      concurrency: 1,
      signal: stop.signal,
    })
    const run = await followRun(home.database, runId, {
      signal: new AbortController().signal,
      onProgress: () => {},
      pollMs: 5,
    })
    stop.abort()
    await loop
    if (run.state !== 'succeeded') throw new Error(`the load failed: ${run.error?.detail}`)
  }
  return (await openTestCatalog(home.services)).loadTable(identifier)
}

type Table = Awaited<ReturnType<typeof load>>
type Candidate = readonly (readonly [column: string, transform: string])[]

async function simulate(table: Table, candidates: readonly Candidate[], sortBy: readonly string[] = []) {
  const schema = currentSchema(table.metadata)
  const idOf = (name: string) => findFieldByName(schema, name)?.field.id ?? -1
  const simulation = await readLayoutSimulation(
    home.services,
    table,
    {
      ...table.identifier,
      candidates: candidates.map((fields) => ({
        fields: fields.map(([name, transform]) => ({ sourceId: idOf(name), transform })),
      })),
      sortColumns: sortBy.map(idOf),
    },
    { userId: 'test', signal: new AbortController().signal },
  )
  return simulateLayouts.output.parse(simulation)
}

/** Rows of each partition that the table has, by the words that a simulation uses for it. */
async function actualPartitions(table: Table, candidate: Candidate): Promise<Map<string, number>> {
  const schema = currentSchema(table.metadata)
  const fields = layoutFields(
    candidate.map(([name, transform]) => ({ sourceId: findFieldByName(schema, name)?.field.id ?? -1, transform })),
    schema,
  )
  const rows = new Map<string, number>()
  const files = await readLiveFiles(home.services.manifestCache, table, table.metadata.snapshots.at(-1) ?? null, table)
  for (const { dataFile } of files) {
    const label = layoutValuesLabel(fields, dataFile.partition)
    rows.set(label, (rows.get(label) ?? 0) + dataFile.recordCount)
  }
  return rows
}

function isWithin(value: number, { low, high }: WireEstimate): boolean {
  return low <= value && value <= high
}

const CITIES = ['Oslo', 'Rome', 'Lima', 'Bern', 'Kyiv', 'Perth', 'Quito', 'Paris', 'Porto', 'Tunis']

/** @param daysPerLoad 1: each load has one day after the other; many: days of several months in each */
function writeRows({ loads, rows, span, skew = 1 }: { loads: number; rows: number; span: number; skew?: number }) {
  const next = createRandom(loads * 31 + rows + span)
  const random = () => next(1_000_000) / 1_000_000
  return Array.from({ length: loads }, (_, load) =>
    Array.from({ length: rows }, (_, row) => {
      const days = load * 7 + Math.floor(random() * span)
      const date = new Date(Date.UTC(2001, 0, 1) + days * 86_400_000).toISOString().slice(0, 10)
      const city = random() < 0.02 ? '' : CITIES[Math.floor(random() ** skew * CITIES.length)]
      const day = random() < 0.01 ? '' : date
      return `${load * rows + row},${day},${city},${date}T${String(Math.floor(random() * 24)).padStart(2, '0')}:00:00`
    }).join('\n'),
  )
}

const CANDIDATES: readonly (readonly [name: string, partitionBy: string, candidate: Candidate])[] = [
  ['month', 'month(day)', [['day', 'month']]],
  ['day', 'day(day)', [['day', 'day']]],
  ['city', 'city', [['city', 'identity']]],
  ['bucket', 'bucket(8, id)', [['id', 'bucket[8]']]],
  ['prefix', 'truncate(1, city)', [['city', 'truncate[1]']]],
  [
    'both',
    'month(at), bucket(4, city)',
    [
      ['at', 'month'],
      ['city', 'bucket[4]'],
    ],
  ],
]

describe('A simulated layout', () => {
  let inputs: Record<string, readonly string[]>
  beforeAll(() => {
    inputs = {
      'in order': writeRows({ loads: 6, rows: 400, span: 7 }),
      mixed: writeRows({ loads: 4, rows: 900, span: 120 }),
      skewed: writeRows({ loads: 3, rows: 700, span: 40, skew: 4 }),
    }
  })

  it.each(byCases(['mixed'], ['in order', 'mixed', 'skewed']))(
    'has the partitions that rows %s get when they are loaded by it',
    async (kind) => {
      const rows = inputs[kind] ?? []
      const name = kind.replace(' ', '-')
      const table = await load(name, rows, null)
      for (const [suffix, partitionBy, candidate] of byCases(CANDIDATES.slice(-2), CANDIDATES)) {
        const [simulated] = (await simulate(table, [candidate])).candidates
        const actual = await actualPartitions(
          await load(`${name}-${suffix}`, [rows.join('\n')], partitionBy),
          candidate,
        )
        const sizes = [...actual.values()].toSorted((a, b) => a - b)
        const median = medianOf(sizes) ?? 0
        const largest = sizes.at(-1) ?? 0
        const facts = `${kind}, ${partitionBy}: ${JSON.stringify(simulated, null, 1)} ${JSON.stringify([...actual])}`
        expect(simulated?.isListComplete || simulated!.listed.length > 0, facts).toBe(true)
        expect(isWithin(actual.size, simulated!.partitions), facts).toBe(true)
        expect(isWithin(median, simulated!.medianRows), facts).toBe(true)
        expect(isWithin(largest, simulated!.largestRows), facts).toBe(true)
        expect(isWithin(largest / median, simulated!.skew), facts).toBe(true)
        for (const { label, rows: estimate } of simulated!.listed)
          expect(isWithin(actual.get(label) ?? 0, estimate), `${label} of ${facts}`).toBe(true)
        // The limits may be wide, but the estimate is near.
        expect(Math.abs((simulated!.partitions.estimate ?? 0) - actual.size), facts).toBeLessThanOrEqual(
          actual.size * 0.1,
        )
      }
    },
  )
})

describe('A simulation', () => {
  it('of a table without rows has no partitions', async () => {
    const catalog = await openTestCatalog(home.services)
    const identifier = { catalog: 'lake', namespace: ['empty'], table: 'empty' }
    await catalog.write({ kind: 'create-namespace', namespace: ['empty'], properties: {} })
    await catalog.write({ kind: 'create-table', table: identifier, schema: parseSchema(SCHEMA), properties: {} })
    const table = await catalog.loadTable(identifier)
    const nothing = { low: 0, estimate: 0, high: 0 }
    expect(await simulate(table, [[['day', 'month']]], ['day'])).toMatchObject({
      snapshotId: null,
      rowCount: 0,
      current: { partitions: nothing },
      candidates: [{ partitions: nothing, listed: [] }],
      sortedness: [{ comparedFiles: 0 }],
    })
  })

  it('reads each row of a small table, and then estimates no figure', async () => {
    const table = await load('small', writeRows({ loads: 2, rows: 300, span: 60 }), null)
    const { sample, candidates } = await simulate(table, [[['day', 'month']]])
    expect(sample).toEqual({ rowCount: 600, fileCount: 2, isEveryRow: true, problem: null })
    const [month] = candidates
    expect(month).toMatchObject({ isEveryRowRead: true, sampledRows: 600 })
    expect(month?.largestRows.low).toBe(month?.largestRows.high)
  })

  it('reads a sample of a table with more rows', async () => {
    const table = await load('large', writeRows({ loads: 2, rows: 11_000, span: 60 }), null)
    const { sample, candidates } = await simulate(table, [[['day', 'month']]])
    expect(sample).toMatchObject({ fileCount: 2, isEveryRow: false })
    expect(sample.rowCount).toBeLessThan(20_000)
    expect(candidates[0]?.isEveryRowRead).toBe(false)
  })

  it('keeps the limits of manifests and says why rows cannot be sampled', async () => {
    const table = await load('unreadable', writeRows({ loads: 2, rows: 300, span: 60 }), null)
    const actual = await simulate(table, [[['day', 'month']]])
    const [snapshot] = table.metadata.snapshots.slice(-1)
    for (const { dataFile } of await readLiveFiles(home.services.manifestCache, table, snapshot ?? null, table))
      rmSync(new URL(dataFile.filePath))
    const { sample, candidates } = await simulate(table, [[['day', 'month']]])
    expect(sample).toMatchObject({ rowCount: 0, problem: expect.stringMatching(/no file .*parquet/) })
    expect(candidates[0]?.partitions.estimate).toBeNull()
    const [before, after] = [actual.candidates[0]!.largestRows, candidates[0]!.largestRows]
    expect(after.low <= before.low && before.high <= after.high).toBe(true)
  })

  it('lists what files of earlier specs hold, and simulates all of them', async () => {
    const table = await load('respecified', ['1,2001-01-05,Oslo,2001-01-05T00:00:00'], 'month(day)')
    const catalog = await openTestCatalog(home.services)
    await catalog.write({
      kind: 'commit-table',
      table: table.identifier,
      change: {
        requirements: [],
        updates: [
          {
            action: 'add-spec',
            spec: { specId: 1, fields: [{ fieldId: 1001, sourceId: 3, name: 'city', transform: 'identity' }] },
          },
          { action: 'set-default-spec', specId: -1 },
        ],
      },
    })
    const evolved = await load('respecified', [], null)
    const { specs, current, candidates } = await simulate(evolved, [[['day', 'year']], [['city', 'identity']]])
    expect(specs).toMatchObject([
      { specId: 1, label: 'city', isCurrent: true, dataFileCount: 0 },
      { specId: 0, label: 'month(day)', isCurrent: false, dataFileCount: 1, rowCount: 1 },
    ])
    // The files have the earlier spec, and so do today's figures.
    expect(current.label).toBe('month(day)')
    expect(current.listed).toMatchObject([{ label: 'day_month=2001-01', rows: { low: 1, high: 1 } }])
    expect(candidates.map(({ partitions, listed }) => [partitions.low, listed[0]?.label])).toEqual([
      [1, '2001'],
      [1, 'Oslo'],
    ])
  })

  it('widens limits by the rows that delete files might delete', async () => {
    const table = await load('deleted', [writeRows({ loads: 1, rows: 200, span: 30 })[0] ?? ''], null)
    await addDeleteFiles(home.services, table.identifier, [
      sampleDataFile(`${table.metadata.location}/data/deletes.parquet`, {
        content: 'position-deletes',
        recordCount: 25,
      }),
    ])
    const { current, candidates, deleteFileCount } = await simulate(table, [[['day', 'month']], [['id', 'bucket[2]']]])
    expect(deleteFileCount).toBe(1)
    expect(current.largestRows).toEqual({ low: 175, estimate: 188, high: 200 })
    for (const { listed } of candidates)
      for (const { rows } of listed) expect(rows.high - rows.low, JSON.stringify(rows)).toBeGreaterThanOrEqual(1)
  })

  it('is refused for columns and transforms that do not fit, and ends when its request does', async () => {
    const table = await load('refused', ['1,2001-01-05,Oslo,2001-01-05T00:00:00'], null)
    await expect(simulate(table, [[['city', 'month']]])).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(simulate(table, [[['none', 'identity']]])).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(simulate(table, [], ['none'])).rejects.toMatchObject({ code: 'invalid-request' })
    const input = {
      ...table.identifier,
      candidates: [{ fields: [{ sourceId: 1, transform: 'bucket[4]' }] }],
      sortColumns: [],
    }
    const aborted = readLayoutSimulation(home.services, table, input, { userId: 'test', signal: AbortSignal.abort() })
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' })
  })
})
