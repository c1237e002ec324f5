import 'server-only'
import { hasErrorCode } from '@/server/error-code'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { doneShare } from '@/lib/contract/run-kinds'
import { AppError } from '@/lib/errors'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { asViewIdentifier, type TableIdentifier } from '@/lib/names/identifiers'
import { schemaToJson } from '@/lib/iceberg/schema/schema-json'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { grantsOfRole } from '@/lib/permissions'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { Config } from '@/server/config/config'
import type { RunActor } from '@/server/db/jobs/task-columns'
import { publishInput } from '@/server/ingest/run/publish-input'
import { type IngestSpec, queueIngest } from '@/server/ingest/run/ingest-spec'
import { followRun } from '@/server/jobs/follow-run'
import type { Services } from '@/server/services'
import { DEMO_HISTORY_PROPERTY } from '@/lib/iceberg/properties/demo-history'
import { clock } from '@/server/timing/clock'
import {
  BIRDSTRIKES_CODEC_HOURS_AGO,
  DEMO_HISTORY_NOTE,
  demoTimeMs,
  FLIGHTS_LOADS,
  MINUTE_MS,
  SPECIES_ROLLED_BACK_HOURS_AGO,
  VIEW_CREATED_HOURS_AGO,
  VIEW_REPLACED_HOURS_AGO,
} from './demo-history'
import { DEMO_TABLES, type DemoTable, flightsColumns } from './demo-tables'
import {
  addColumn,
  createRefAtTip,
  changePartitioning,
  renameColumn,
  rollBackNewest,
  setCodec,
  type TableTarget,
} from './evolve-table'
import { addDelayByRoute, createFlightsByRoute, type ViewTarget } from './flights-by-route'
import { FLIGHTS_SLICES, type FlightsSlice } from './flights-slices'
import { removeUnfinishedDemo } from './remove-unfinished-demo'
import { sourceFile } from './sources'

/**
 * The lake that new users find: real data, loaded by the product's own ingest, with a history. It is created once, and
 * only in an empty catalog. The leftovers of an interrupted attempt are removed first.
 */

export type DemoServices = Pick<Services, 'catalogs' | 'config' | 'database' | 'keys' | 'stores'>

export type DemoProgress = { step: string; doneBytes: number; totalBytes: number }
export type DemoOptions = {
  signal: AbortSignal
  onProgress: (progress: DemoProgress) => void
  /** The time that the history of the tables ends at; now if absent. */
  nowMs?: number
}

/** The user that the history shows. */
const DEMO_ACTOR = {
  userId: 'demo',
  username: 'demo',
  role: 'admin',
  origin: { kind: 'demo' },
} as const satisfies RunActor
const NAMESPACES = ['demo', 'stocks']

/** @returns false when it was not created: the catalog is not empty, or the demo was created before */
export async function createDemoLake(services: DemoServices, options: DemoOptions): Promise<boolean> {
  const actor: Actor = { ...DEMO_ACTOR, grants: grantsOfRole(DEMO_ACTOR.role) }
  const catalog = await services.catalogs.open(services.config.catalogName, actor)
  const state = await readState(services.config)
  if (state === 'done') return false
  if (state === 'begun')
    await removeUnfinishedDemo(services, catalog, { namespaces: NAMESPACES, createdBy: DEMO_ACTOR.userId })
  const namespaces = await catalog.listNamespaces(null)
  if (namespaces.length > 0) return false
  await writeState(services.config, 'begun')
  await new DemoLake(services, catalog, actor, options).create()
  await writeState(services.config, 'done')
  return true
}

/** `atMs`: the recorded time of its first commit. */
type Step = { name: string; bytes: number; atMs: number; run(): Promise<void> }

class DemoLake {
  readonly #services: DemoServices
  readonly #catalog: CatalogClient
  readonly #actor: Actor
  readonly #options: DemoOptions
  readonly #folder: string
  readonly #nowMs: number
  #doneBytes = 0
  #totalBytes = 0

  constructor(services: DemoServices, catalog: CatalogClient, actor: Actor, options: DemoOptions) {
    this.#services = services
    this.#folder = path.join(services.config.homeDir, 'staging', 'demo')

    this.#catalog = catalog
    this.#actor = actor
    this.#options = options
    this.#nowMs = options.nowMs ?? clock.nowMs()
  }

  async create(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const flightsBytes = (await stat(sourceFile('flights-3m.parquet'))).size
    const steps = [
      ...FLIGHTS_SLICES.map((slice, i) => this.#flightsStep(slice, i, flightsBytes / FLIGHTS_SLICES.length)),
      ...DEMO_TABLES.flatMap((table) => table.loads.hoursAgo.map((_, i) => this.#tableStep(table, i))),
      this.#changeStep('species', SPECIES_ROLLED_BACK_HOURS_AGO, rollBackNewest),
      this.#changeStep('birdstrikes', BIRDSTRIKES_CODEC_HOURS_AGO, (target) => setCodec(target, 'zstd')),
      this.#viewStep(createFlightsByRoute, VIEW_CREATED_HOURS_AGO),
      this.#viewStep(addDelayByRoute, VIEW_REPLACED_HOURS_AGO),
      // In the order of their times, so that the audit is in order, too.
    ].sort((a, b) => a.atMs - b.atMs)
    this.#totalBytes = steps.reduce((sum, { bytes }) => sum + bytes, 0)
    try {
      for (const step of steps) {
        this.#options.signal.throwIfAborted()
        this.#reportProgress(step.name, 0)
        await step.run()
        this.#doneBytes += step.bytes
      }
    } finally {
      await rm(this.#folder, { recursive: true, force: true })
    }
  }

  #flightsStep(slice: FlightsSlice, sliceIndex: number, bytes: number): Step {
    const identifier = this.#tableIdentifier('demo', 'flights')
    const atMs = this.#timeMs(FLIGHTS_LOADS.hoursAgo[sliceIndex])
    const name = `demo.flights ${slice.from.slice(0, 7)} ${sliceIndex % 2 === 0 ? 'first' : 'second'} half`
    const run = async () => {
      const file = path.join(this.#folder, `flights-${slice.from}.parquet`)
      // Every command waits for what it loads, and few of them need DuckDB.
      const { writeFlightsSlice } = await import('./write-flights-slice')
      await writeFlightsSlice(slice, file)
      await this.#evolveFlights(identifier, sliceIndex, atMs - 20 * MINUTE_MS)
      const create =
        sliceIndex === 0
          ? toTableSpec(
              flightsColumns(),
              'month(date)',
              'Flights in the United States, January to June 2001',
              'operations',
            )
          : null
      const history = { committedAtMs: atMs, writer: FLIGHTS_LOADS.writer }
      await this.#ingestFile(identifier, { file, format: 'parquet', create, history }, { name, bytes })
      await rm(file, { force: true })
      const target = this.#target(identifier, atMs + 10 * MINUTE_MS)
      if (sliceIndex === LAST_MARCH_SLICE) await createRefAtTip(target, 'tag', 'q1-2001')
      if (sliceIndex === LAST_MAY_SLICE) await createRefAtTip(target, 'branch', 'before-daily-partitions')
    }
    return { name, bytes, atMs, run }
  }

  /** Applies the schema and layout changes that come before this load. */
  async #evolveFlights(identifier: TableIdentifier, sliceIndex: number, atMs: number): Promise<void> {
    const target = this.#target(identifier, atMs)
    const slice = FLIGHTS_SLICES[sliceIndex]
    const previous = FLIGHTS_SLICES[sliceIndex - 1]
    if (!slice || !previous) return
    if (slice.delayName !== previous.delayName) await renameColumn(target, previous.delayName, slice.delayName)
    if (slice.hasRoute && !previous.hasRoute) {
      await addColumn(target, {
        name: 'route',
        type: 'string',
        doc: 'Origin and destination, from April on',
      })
    }
    if (sliceIndex === LAST_MAY_SLICE + 1) await changePartitioning(target, 'day(date)')
  }

  #tableStep(
    { namespace, table, columns, partitionBy, comment, owner, format, loads, properties = {}, prepare }: DemoTable,
    loadIndex: number,
  ): Step {
    const name = `${namespace}.${table}`
    const atMs = this.#timeMs(loads.hoursAgo[loadIndex])
    // The weight in the progress: a small table costs more for its commit than for its bytes.
    const bytes = 1_000_000
    const run = async () => {
      const file = path.join(this.#folder, `${table}.${format}`)
      await prepare(file, loadIndex)
      const create = loadIndex === 0 ? toTableSpec(columns, partitionBy, comment, owner, properties) : null
      const history = { committedAtMs: atMs, writer: loads.writer }
      await this.#ingestFile(
        this.#tableIdentifier(namespace, table),
        { file, format, create, history },
        { name, bytes },
      )
    }
    return { name, bytes, atMs, run }
  }

  #changeStep(table: string, hoursAgo: number, change: (target: TableTarget) => Promise<void>): Step {
    const atMs = this.#timeMs(hoursAgo)
    const target = this.#target(this.#tableIdentifier('demo', table), atMs)
    return { name: `demo.${table}`, bytes: 0, atMs, run: () => change(target) }
  }

  #viewStep(change: (target: ViewTarget) => Promise<void>, hoursAgo: number): Step {
    const atMs = this.#timeMs(hoursAgo)
    const identifier = this.#tableIdentifier('demo', 'flights_by_route')
    const view = asViewIdentifier(identifier)
    const target = { catalog: this.#catalog, identifier: view, actor: this.#actor, committedAtMs: atMs }
    return { name: 'demo.flights_by_route', bytes: 0, atMs, run: () => change(target) }
  }

  #timeMs(hoursAgo: number | undefined): number {
    if (hoursAgo === undefined) throw new Error('a load of the demo has no time')
    return demoTimeMs(this.#nowMs, hoursAgo)
  }

  async #ingestFile(
    identifier: TableIdentifier,
    { file, ...spec }: { file: string } & Pick<IngestSpec, 'format' | 'create' | 'history'>,
    { name, bytes }: { name: string; bytes: number },
  ): Promise<void> {
    const input = await publishInput(this.#services, file)
    try {
      const id = await queueIngest(
        this.#services.database,
        identifier,
        { ...spec, input: [{ location: input.location }], ignoreExtra: false, maxRejectedRows: 0 },
        DEMO_ACTOR,
      )
      const { error } = await followRun(this.#services.database, id, {
        signal: this.#options.signal,
        onProgress: ({ progress }) => {
          this.#reportProgress(name, (doneShare(progress) ?? 0) * bytes)
        },
      })
      if (error) throw new AppError(error.code, `${name}: ${error.detail}`, { facts: { ...error.facts } })
    } finally {
      await input.discard()
    }
  }

  #reportProgress(step: string, stepBytes: number): void {
    this.#options.onProgress({ step, doneBytes: this.#doneBytes + stepBytes, totalBytes: this.#totalBytes })
  }

  #tableIdentifier(namespace: string, table: string): TableIdentifier {
    return { catalog: this.#catalog.name, namespace: [namespace], table }
  }

  #target(identifier: TableIdentifier, committedAtMs: number) {
    return { services: this.#services, identifier, actor: this.#actor, committedAtMs }
  }
}

const LAST_MARCH_SLICE = 5
const LAST_MAY_SLICE = 9

function toTableSpec(
  columns: readonly NestedField[],
  partitionBy: string | null,
  comment: string,
  owner: string,
  more: Readonly<Record<string, string>> = {},
): IngestSpec['create'] {
  const schema = stringifyExactJson(schemaToJson({ schemaId: 0, identifierFieldIds: [], fields: columns }))
  const properties = { comment: `${comment}. ${DEMO_HISTORY_NOTE}`, owner, [DEMO_HISTORY_PROPERTY]: 'true', ...more }
  return { schema, partitionBy, properties }
}

/** Stored next to the database, so that a demo whose tables were dropped does not come back. */
function stateFile(config: Config): string {
  return path.join(config.homeDir, 'demo-lake')
}

async function readState(config: Config): Promise<'none' | 'begun' | 'done'> {
  try {
    const text = (await readFile(stateFile(config), 'utf8')).trim()
    return text === 'done' ? 'done' : 'begun'
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return 'none'
    throw error
  }
}

async function writeState(config: Config, state: 'begun' | 'done'): Promise<void> {
  await writeFile(stateFile(config), `${state}\n`, { flush: true })
}
