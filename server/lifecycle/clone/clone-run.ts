import 'server-only'
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import pMap from 'p-map'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { clonedFromProperties, sortProperties } from '@/lib/changes/clone/clone-properties'
import { cloneLayout, type ClonedLayout } from '@/lib/changes/clone/clone-updates'
import type { JsonObject } from '@/lib/iceberg/json/json'
import type { AddedFile } from '@/lib/iceberg/operations/operation'
import { sum } from '@/lib/sum'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { metadataFolder } from '@/server/catalog/folders/table-folders'
import { newAuditId } from '@/server/db/audit'
import { commitAuditChanges } from '@/server/db/catalog/snapshot-writers'
import { finishingActor } from '@/server/jobs/run-actor'
import type { RunKind } from '@/server/jobs/run-kind'
import type { Services } from '@/server/services'
import { commitAuditEntry, commitPlan } from '@/server/table/commit/commit-audit-entry'
import { newSnapshotId } from '@/server/table/commit/run-operation'
import { chooseCloneLocation, openCloneStore } from './clone-target'
import type { TableWrite } from '@/server/table-writes/table-write'
import { tableWriteRuns } from '@/server/table-writes/table-write-runs'
import { clock } from '@/server/timing/clock'
import { type CloneJournal, cloneJournalSchema } from './clone-journal'
import { type CloneOutcome, type CloneSpec, parseCloneOutcome, parseCloneSpec } from './clone-task'
import { type ClonedState, clonedFigures, cloneProblems, readClonedState } from './cloned-state'
import { requireSameSpecs, writeCloneSnapshot } from './commit-clone'
import { copyClonedFile } from './copy-cloned-file'
import { filePrefix, removeFilesIn, removeFilesOfRun, targetLocation } from './target-names'

type CloneServices = Pick<Services, 'catalogs' | 'config' | 'database' | 'manifestCache'>

/**
 * Creates a table with the rows that another one had at a snapshot, in separate files. All files are copied and
 * verified before the table is created, with its snapshot, in one commit.
 */
export function cloneTableRuns(services: CloneServices): RunKind {
  return tableWriteRuns<CloneJournal>(services, {
    maxConcurrent: 2,
    retryOn: [],
    firstPhase: 'planning',
    keepsFiles: true,
    needs: (run) => [
      { permission: 'table:read', resource: parseCloneSpec(run.spec).source },
      { permission: 'table:write', resource: run.table },
    ],
    parseJournal: (json) => cloneJournalSchema.parse(json),
    produce: (write) => new Clone(services, write).run(),
    isCommitted: ({ metadata }, { tableUuid }) => metadata.tableUuid === tableUuid,
    parseOutcome: (json) => ({ ...parseCloneOutcome(json) }),
    unknownError: () => unknownCreationError(),
    discard: async (catalog, run, { location }) => {
      await removeFilesOfRun(await catalog.openStore(run.table), location, run.id)
    },
  })
}

/** Files that are copied at the same time, each over the disk of the worker if its store cannot copy. */
const CONCURRENCY = 4
/** Files that are copied between two changes of the journal. */
const BATCH_FILES = 32
/** Vended credentials last about an hour, and a clone may take longer. */
const RELOAD_AFTER_MS = 10 * 60_000

class Clone {
  readonly #services: CloneServices
  readonly #write: TableWrite<CloneJournal>
  readonly #spec: CloneSpec

  constructor(services: CloneServices, write: TableWrite<CloneJournal>) {
    this.#services = services
    this.#write = write
    this.#spec = parseCloneSpec(write.run.spec)
  }

  async run(): Promise<JsonObject> {
    const write = this.#write
    const { run, actor, signal } = write
    const sourceCatalog = await this.#services.catalogs.open(this.#spec.source.catalog, actor)
    const source = await this.#loadSource(sourceCatalog)
    const state = await readClonedState(this.#services.manifestCache, source, this.#spec, signal)
    const [problem] = cloneProblems(source.metadata, state)
    if (problem !== undefined) throw new AppError('not-supported', problem)
    if (!write.isResumed) await this.#begin(source)
    const catalog = await this.#services.catalogs.open(run.table.catalog, actor, {
      filled: { folder: write.journal.location, filePrefix: filePrefix(run.id) },
    })
    const layout = this.#toLayout(source, state)
    const added = await this.#copyFiles({ catalog, sourceCatalog, source }, state, layout)
    return { ...(await this.#create(catalog, source, state, { layout, added })) }
  }

  async #loadSource(catalog: CatalogClient): Promise<LoadedTable> {
    const source = await catalog.loadTable(this.#spec.source, { signal: this.#write.signal })
    if (source.metadata.tableUuid === this.#spec.sourceTableUuid) return source
    throw new AppError('not-found', 'The table was dropped and created again, so the state to clone is gone.')
  }

  async #begin(source: LoadedTable): Promise<void> {
    const write = this.#write
    const { catalog, run, signal } = write
    const location = await chooseCloneLocation(catalog, run.table, source.metadata, this.#spec, signal)
    await catalog.checkNewFolders(run.table, { location, properties: {} }, { signal })
    const store = await openCloneStore(catalog, run.table, signal)
    store.checkLocation(location)
    write.begin({
      location,
      tableUuid: randomUUID(),
      snapshotId: newSnapshotId(),
      startedAtMs: clock.nowMs(),
      copiedCount: 0,
      mayBeSent: false,
      outcome: null,
    })
    await write.save()
  }

  #toLayout(source: LoadedTable, { schema, files }: ClonedState): ClonedLayout {
    const { journal } = this.#write
    const { keepsPartitioning, keepsSortOrder, snapshotId } = this.#spec
    const usedSpecIds = new Set(files.flatMap(({ entries }) => entries.map(({ dataFile }) => dataFile.specId)))
    const from = { identifier: this.#spec.source, tableUuid: source.metadata.tableUuid, snapshotId }
    return cloneLayout(
      source.metadata,
      { schema, usedSpecIds, keepsPartitioning, keepsSortOrder },
      {
        location: journal.location,
        tableUuid: journal.tableUuid,
        properties: {
          ...retainedProperties(source.metadata.properties, this.#spec),
          ...clonedFromProperties(from, journal.startedAtMs),
        },
        nowMs: journal.startedAtMs,
      },
    )
  }

  /** Data files come first, so that deletes can name the new ones. */
  async #copyFiles(
    { catalog, sourceCatalog, source }: { catalog: CatalogClient; sourceCatalog: CatalogClient; source: LoadedTable },
    { files }: ClonedState,
    layout: ClonedLayout,
  ): Promise<AddedFile[]> {
    const write = this.#write
    const { run, journal, signal } = write
    const planned = files.map((file) => ({
      file,
      location: targetLocation(file, run.id, layout.metadata, layout.specIds),
    }))
    const paths = new Map(
      planned.flatMap(({ file, location }) => (file.kind === 'data' ? [[file.path, location]] : [])),
    )
    const total = sum(files.map(({ entries: [{ dataFile }] }) => dataFile.fileSizeBytes))
    write.report({ phase: 'copying', total })
    if (journal.copiedCount > 0) write.log(`${formatQuantity(journal.copiedCount, 'file')} were copied before.`)
    const added: AddedFile[] = []
    let from = source.store
    let to = await openCloneStore(catalog, run.table, signal)
    for (const { location } of planned) to.checkLocation(location)
    let loadedAtMs = clock.elapsedMs()
    await write.inStagingFolder(async (folder) => {
      for (let at = 0; at < planned.length; at += BATCH_FILES) {
        if (clock.elapsedMs() - loadedAtMs > RELOAD_AFTER_MS) {
          from = (await this.#loadSource(sourceCatalog)).store
          to = await openCloneStore(catalog, run.table, signal)
          loadedAtMs = clock.elapsedMs()
        }
        const batch = planned.slice(at, at + BATCH_FILES)
        const copied = await pMap(
          batch,
          ({ file, location }, i) =>
            copyClonedFile(
              file,
              { from, to, location, paths, layout, staging: path.join(folder, String(at + i)) },
              {
                isCopied: at + i < journal.copiedCount,
                mayExist: write.isResumed,
                signal,
                onBytes: (count) => write.report({ done: write.progress.done + count }),
                onDone: (rows) =>
                  write.report({
                    counters: {
                      rowsCopied: (write.progress.counters.rowsCopied ?? 0) + rows,
                      filesCopied: (write.progress.counters.filesCopied ?? 0) + 1,
                    },
                  }),
              },
            ),
          { concurrency: CONCURRENCY },
        )
        added.push(...copied.flat())
        if (at + batch.length <= journal.copiedCount) continue
        journal.copiedCount = at + batch.length
        await write.save()
      }
    })
    return added
  }

  async #create(
    catalog: CatalogClient,
    source: LoadedTable,
    state: ClonedState,
    { layout, added }: { layout: ClonedLayout; added: readonly AddedFile[] },
  ): Promise<CloneOutcome> {
    const write = this.#write
    const { journal, signal } = write
    const { table: identifier, id: runId, attempt } = write.run
    signal.throwIfAborted()
    write.report({ phase: 'creating' })
    const figures = clonedFigures(state)
    const deleteFiles = state.files.filter(({ kind }) => kind !== 'data').length
    const outcome: CloneOutcome = {
      snapshotId: state.snapshot === null ? null : journal.snapshotId,
      dataFilesCopied: figures.dataFileCount,
      deleteFilesCopied: deleteFiles,
      rowsCopied: figures.rowCount,
      bytesCopied: figures.fileBytes,
    }
    const store = await openCloneStore(catalog, identifier, signal)
    // Manifests have new names in each attempt. No table uses those of an earlier one, otherwise its run would have
    // been settled.
    if (write.isResumed) await removeFilesIn(store, metadataFolder(layout.metadata), runId)
    const snapshotUpdates =
      state.snapshot === null
        ? []
        : await writeCloneSnapshot({ store, namePrefix: `${filePrefix(runId)}${attempt}` }, layout, {
            snapshotId: journal.snapshotId,
            source: source.metadata,
            cloned: state.snapshot,
            added,
            runId,
          })
    Object.assign(journal, { mayBeSent: true, outcome: { ...outcome } })
    await write.save()
    const auditId = newAuditId()
    const audited = { actor: finishingActor(write.run), action: 'clone-table', requestId: null }
    const created = await catalog.write(
      {
        kind: 'commit-table',
        table: identifier,
        change: { requirements: [{ type: 'assert-create' }], updates: [...layout.updates, ...snapshotUpdates] },
      },
      {
        signal,
        plan: commitPlan(identifier, auditId, audited),
        alongside: (committed) => [
          ...commitAuditChanges(commitAuditEntry(committed, audited), { id: auditId }),
          ...write.successChanges(),
        ],
      },
    )
    requireSameSpecs(layout.metadata, created.metadata)
    write.log(
      `${formatQuantity(figures.rowCount, 'row')} in ${formatQuantity(figures.dataFileCount, 'data file')} and ${formatQuantity(deleteFiles, 'delete file')}, ${formatBytes(figures.fileBytes)}: every copy is identical to its file.`,
    )
    return outcome
  }
}

function unknownCreationError(): AppError {
  return new AppError(
    'commit-state-unknown',
    'It is unknown whether the table was created: the catalog does not have it. Nothing was removed.',
  )
}

function retainedProperties(
  properties: Readonly<Record<string, string>>,
  { properties: chosen, keepsDescription }: CloneSpec,
): Record<string, string> {
  const { settings, description, required } = sortProperties(properties)
  const keys = [
    ...settings.filter((key) => chosen.includes(key)),
    ...(keepsDescription ? description : []),
    ...required,
  ]
  return Object.fromEntries(keys.map((key) => [key, properties[key] ?? '']))
}
