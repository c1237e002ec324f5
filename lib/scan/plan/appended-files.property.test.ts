import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { appendOperation } from '@/lib/iceberg/operations/append'
import type { SnapshotOperation } from '@/lib/iceberg/operations/operation'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { TableInMemory } from '@/testing/iceberg/table-in-memory'
import { planScan } from './scan-plan'
import { findAppendedFiles } from './appended-files'
import { snapshotsAfter } from './snapshots-after'
import { plainCodecs } from '@/testing/iceberg/plain-codecs'

const RUNS = propertyRuns(150)

type Step =
  | { kind: 'append'; count: number; mergesManifests: boolean }
  | { kind: 'compact'; mergesManifests: boolean }
  | { kind: 'overwrite' | 'delete-file' | 'delete-row'; pick: number }
  | { kind: 'roll-back'; steps: number }
  | { kind: 'expire'; count: number }
  | { kind: 'read' }

const merges = fc.boolean()
const pick = fc.nat(1_000)
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('append' as const),
        count: fc.integer({ min: 1, max: 3 }),
        mergesManifests: merges,
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('compact' as const), mergesManifests: merges }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom('overwrite' as const, 'delete-file' as const, 'delete-row' as const),
        pick,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('roll-back' as const), steps: fc.integer({ min: 1, max: 3 }) }),
    },
    {
      // An expiry seldom removes a snapshot that the reader has not read.
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('expire' as const), count: fc.integer({ min: 1, max: 4 }) }),
    },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('read' as const) }) },
  ),
  { minLength: 4, maxLength: 25, size: 'max' },
)

/** A snapshot of the model. Rows are numbers; each file that was appended has the rows that a reader of appends gets. */
type Model = {
  live: ReadonlyMap<string, readonly number[]>
  appended: ReadonlyMap<string, { by: string; rows: readonly number[] }>
  lineage: readonly string[]
}

it('Rows that were appended after a position are read exactly once, without the ones that were deleted since', async () => {
  const counts = { rows: 0, rewritten: 0, expired: 0, 'rolled-back': 0 }
  await fc.assert(
    fc.asyncProperty(steps, async (commands) => {
      const lake = new ModelledTable()
      let position: string | null = null
      for (const step of [...commands, { kind: 'read' } as const]) {
        if (step.kind !== 'read') {
          await lake.take(step)
          continue
        }
        const headId = lake.headId
        if (headId === null) continue
        const found = position === null ? null : await lake.readAfter(position, headId)
        expect(found?.read).toEqual(found?.expected)
        if (typeof found?.read === 'string') counts[found.read as 'expired'] += 1
        else counts.rows += found?.read.length ?? 0
        counts.rewritten += (found?.partCount ?? 0) > 1 ? 1 : 0
        position = headId
      }
    }),
    RUNS,
  )
  expect(counts.rows).toBeGreaterThan(RUNS.numRuns)
  expect(Math.min(counts.rewritten, counts.expired, counts['rolled-back'])).toBeGreaterThan(RUNS.numRuns / 50)
})

class ModelledTable {
  readonly table = new TableInMemory()
  readonly #models = new Map<string, Model>()
  #fileCount = 0
  #rowCount = 0

  get headId(): string | null {
    return this.table.metadata.currentSnapshotId
  }

  get #model(): Model {
    const none = { live: new Map(), appended: new Map(), lineage: [] }
    return this.headId === null ? none : (this.#models.get(this.headId) ?? none)
  }

  async take(step: Exclude<Step, { kind: 'read' }>): Promise<void> {
    const model = this.#model
    const live = new Map(model.live)
    const appended = new Map(model.appended)
    const commit = async (operation: SnapshotOperation, mergesManifests = false) => {
      await this.table.commit(operation, { mergesManifests })
      const snapshotId = this.headId ?? ''
      this.#models.set(snapshotId, { live, appended, lineage: [...model.lineage, snapshotId] })
      return snapshotId
    }
    const names = [...live.keys()]
    const picked = 'pick' in step ? names[step.pick % Math.max(1, names.length)] : undefined
    if (step.kind === 'append') {
      const files = Array.from(
        { length: step.count },
        () => [this.#newName(), [this.#rowCount++, this.#rowCount++]] as const,
      )
      for (const [name, rows] of files) live.set(name, rows)
      const by = await commit(appendOperation(files.map(([name]) => dataFile(name))), step.mergesManifests)
      for (const [name, rows] of files) appended.set(name, { by, rows })
    } else if (step.kind === 'compact') {
      if (names.length < 2) return
      const removed = names.slice(-2)
      const rows = removed.flatMap((name) => live.get(name) ?? [])
      const name = this.#newName()
      const files = await Promise.all(removed.map((one) => this.table.file(one)))
      for (const one of removed) live.delete(one)
      live.set(name, rows)
      await commit(operation('replace', [dataFile(name)], files), step.mergesManifests)
    } else if (step.kind === 'roll-back') {
      const target = model.lineage.at(-1 - step.steps)
      if (target === undefined || !this.table.metadata.snapshots.some(({ snapshotId }) => snapshotId === target)) return
      this.table.apply({
        requirements: [],
        updates: [{ action: 'set-snapshot-ref', refName: 'main', type: 'branch', snapshotId: target }],
      })
    } else if (step.kind === 'expire') {
      const oldest = this.table.metadata.snapshots
        .map(({ snapshotId }) => snapshotId)
        .filter((id) => id !== this.headId)
      const removed = oldest.filter((id) => model.lineage.includes(id)).slice(0, step.count)
      this.table.apply({ requirements: [], updates: [{ action: 'remove-snapshots', snapshotIds: removed }] })
    } else if (picked !== undefined) {
      const rows = live.get(picked) ?? []
      const file = await this.table.file(picked)
      if (step.kind === 'overwrite') {
        const name = this.#newName()
        live.delete(picked)
        live.set(name, rows.slice(1))
        await commit(operation('overwrite', [dataFile(name)], [file]))
      } else {
        const remaining = step.kind === 'delete-file' ? [] : rows.slice(1)
        if (step.kind === 'delete-file') live.delete(picked)
        else live.set(picked, remaining)
        const before = appended.get(picked)
        if (before) appended.set(picked, { ...before, rows: remaining })
        const deletes = sampleDataFile(this.#newName(), {
          content: 'position-deletes',
          partition: ['ABQ'],
          recordCount: 1,
          referencedDataFile: picked,
        })
        await commit(step.kind === 'delete-file' ? operation('delete', [], [file]) : operation('delete', [deletes], []))
      }
    }
  }

  /** The rows that were appended after a position, or why they are not known, as they are read and by the model. */
  async readAfter(position: string, headId: string) {
    const { metadata } = this.table
    const after = snapshotsAfter(metadata, { tableUuid: metadata.tableUuid, snapshotId: position }, headId)
    const { rows: read, partCount } =
      typeof after === 'string' ? { rows: after, partCount: 0 } : await this.readAppended(after)
    return { read, partCount, expected: this.expectedAfter(position) }
  }

  /** The rows, or why there is no telling which they are. */
  expectedAfter(position: string): readonly number[] | 'expired' | 'rolled-back' {
    const { lineage, appended } = this.#model
    const isKnown = (id: string) => this.table.metadata.snapshots.some(({ snapshotId }) => snapshotId === id)
    const at = lineage.indexOf(position)
    const after = lineage.slice(at + 1)
    if (at < 0) return isKnown(position) ? 'rolled-back' : 'expired'
    if (!after.every(isKnown)) return 'expired'
    return [...appended.values()].flatMap(({ by, rows }) => (after.includes(by) ? rows : [])).toSorted((a, b) => a - b)
  }

  /** Reads the files that the plan of each snapshot has at the positions, with the deletes that apply there. */
  async readAppended(snapshots: Parameters<typeof findAppendedFiles>[1]) {
    const { metadata } = this.table
    const source = {
      readFile: async (location: string) => this.table.files.get(location) ?? new Uint8Array(),
      codecs: plainCodecs,
    }
    const parts = await findAppendedFiles(metadata, snapshots, { source })
    const rows: number[] = []
    for (const { snapshot, files } of parts) {
      const plan = await planScan({ metadata, snapshot }, source)
      const tasks = await plan.listTasks({ fromFile: 0 })
      const model = this.#models.get(snapshot.snapshotId)
      for (const { fileIndex, dataFile } of files) {
        if (tasks[fileIndex]?.filePath !== dataFile.filePath)
          throw new Error(`${dataFile.filePath} is at another position`)
        rows.push(...(model?.live.get(dataFile.filePath) ?? []))
      }
    }
    return { rows: rows.toSorted((a, b) => a - b), partCount: parts.length }
  }

  #newName(): string {
    this.#fileCount += 1
    return `f${this.#fileCount}`
  }
}

function dataFile(name: string): DataFile {
  return sampleDataFile(name, { partition: ['ABQ'] })
}

/** As another writer commits it, without a check. */
function operation(
  name: SnapshotOperation['name'],
  added: readonly DataFile[],
  removed: readonly DataFile[],
): SnapshotOperation {
  return { ...appendOperation(added), name, removed }
}
