import 'server-only'
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import pMap from 'p-map'
import { AppError, TRANSIENT_DATABASE_CODES } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { clonedFromProperties, sortProperties } from '@/lib/changes/clone/clone-properties'
import { cloneLayout, type ClonedLayout } from '@/lib/changes/clone/clone-updates'
import type { JsonObject } from '@/lib/iceberg/json/json'
import type { AddedFile } from '@/lib/iceberg/operations/operation'
import type { RunProgress } from '@/server/db/jobs/runs'
import { sum } from '@/lib/sum'
import type { CatalogClient, LoadedTable } from '@/server/catalog/catalog-client'
import { metadataFolder } from '@/server/catalog/table-folders'
import { auditChange, newAuditId } from '@/server/db/audit'
import { createStagingFolder, tidyStaging } from '@/server/data-files/staging-folder'
import { finishingActor, runActor } from '@/server/jobs/run-actor'
import type { RunContext, RunKind } from '@/server/jobs/run-kind'
import type { Services } from '@/server/services'
import { commitAuditEntry, commitPlan } from '@/server/table/commit/commit-audit-entry'
import { newSnapshotId } from '@/server/table/commit/run-operation'
import { chooseCloneLocation, openCloneStore } from './clone-target'
import { type CloneJournal, discardClone, parseCloneJournal, settleClone } from './clone-journal'
import { type CloneOutcome, type CloneRun, type CloneSpec, parseCloneSpec, toCloneRun } from './clone-task'
import { type ClonedState, clonedFigures, cloneProblems, readClonedState } from './cloned-state'
import { requireSameSpecs, writeCloneSnapshot } from './commit-clone'
import { copyClonedFile } from './copy-cloned-file'
import { filePrefix, removeFilesIn, targetLocation } from './target-names'

type CloneServices = Pick<Services, 'catalogs' | 'config' | 'database' | 'manifestCache'>

/**
 * Creates a table with the rows that another one had at a snapshot, in files of its own. All files are copied and proved
 * before the table is created, with its snapshot, in one commit.
 */
export function cloneTableRuns(services: CloneServices): RunKind {
  return {
    maxConcurrent: 2,
    retryOn: [...TRANSIENT_DATABASE_CODES, 'catalog-unavailable', 'storage-unavailable'],
    keepsJournal: true,
    work: (run, context) => new Clone(services, toCloneRun(run), context).run(),
    settle: (run) => settleClone(services, toCloneRun(run)),
    discard: (run) => discardClone(services, toCloneRun(run)),
    tidy: () => tidyStaging(services),
  }
}

/** Files that are copied at the same time, each over the disk of the worker if its store cannot copy. */
const CONCURRENCY = 4
/** Files that are copied between two changes of the journal. */
const BATCH_FILES = 32
/** Vended credentials last about an hour, and a clone may take longer. */
const RELOAD_AFTER_MS = 10 * 60_000

class Clone {
  readonly #services: CloneServices
  readonly #run: CloneRun
  readonly #spec: CloneSpec
  readonly #context: RunContext
  #progress: RunProgress = { phase: 'reading manifests', bytesRead: 0, bytesTotal: 0, rowsRead: 0, filesWritten: 0 }

  constructor(services: CloneServices, run: CloneRun, context: RunContext) {
    this.#services = services
    this.#run = run
    this.#spec = parseCloneSpec(run.spec)
    this.#context = context
  }

  async run(): Promise<JsonObject> {
    const { signal } = this.#context
    const { source: identifier } = this.#spec
    const actor = await runActor(this.#services.database, this.#run, [
      { permission: 'table:read', on: identifier },
      { permission: 'table:write', on: this.#run.table },
    ])
    const unfilled = await this.#services.catalogs.open(this.#run.table.catalog, actor)
    const sourceCatalog = await this.#services.catalogs.open(identifier.catalog, actor)
    const source = await this.#loadSource(sourceCatalog)
    const state = await readClonedState(this.#services.manifestCache, source, this.#spec, signal)
    const [problem] = cloneProblems(source.metadata, state)
    if (problem !== undefined) throw new AppError('not-supported', problem)
    const journal = parseCloneJournal(this.#run.journal) ?? (await this.#begin(unfilled, source))
    const catalog = await this.#services.catalogs.open(this.#run.table.catalog, actor, {
      filled: { folder: journal.location, filePrefix: filePrefix(this.#run.id) },
    })
    const layout = this.#toLayout(source, state, journal)
    const added = await this.#copyFiles({ catalog, sourceCatalog, source }, state, layout, journal)
    return { ...(await this.#create(catalog, source, state, { layout, added, journal })) }
  }

  async #loadSource(catalog: CatalogClient): Promise<LoadedTable> {
    const source = await catalog.loadTable(this.#spec.source, { signal: this.#context.signal })
    if (source.metadata.tableUuid === this.#spec.sourceTableUuid) return source
    throw new AppError('not-found', 'The table was dropped and created again, so the state to clone is gone.')
  }

  async #begin(catalog: CatalogClient, source: LoadedTable): Promise<CloneJournal> {
    const location = await chooseCloneLocation(
      catalog,
      this.#run.table,
      source.metadata,
      this.#spec,
      this.#context.signal,
    )
    await catalog.checkNewFolders(this.#run.table, { location, properties: {} }, { signal: this.#context.signal })
    const store = await openCloneStore(catalog, this.#run.table, this.#context.signal)
    store.checkLocation(location)
    const journal: CloneJournal = {
      location,
      tableUuid: randomUUID(),
      snapshotId: newSnapshotId(),
      startedAtMs: Date.now(),
      copiedCount: 0,
      mayBeSent: false,
      outcome: null,
    }
    await this.#context.saveJournal(journal)
    return journal
  }

  #toLayout(source: LoadedTable, { schema, files }: ClonedState, journal: CloneJournal): ClonedLayout {
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
          ...keptProperties(source.metadata.properties, this.#spec),
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
    journal: CloneJournal,
  ): Promise<AddedFile[]> {
    const { signal } = this.#context
    const planned = files.map((file) => ({
      file,
      location: targetLocation(file, this.#run.id, layout.metadata, layout.specIds),
    }))
    const paths = new Map(
      planned.flatMap(({ file, location }) => (file.kind === 'data' ? [[file.path, location]] : [])),
    )
    const bytesTotal = sum(files.map(({ entries: [{ dataFile }] }) => dataFile.fileSizeBytes))
    this.#report({ phase: 'copying', bytesTotal })
    if (journal.copiedCount > 0) this.#context.log(`${formatQuantity(journal.copiedCount, 'file')} were copied before.`)
    const folder = await createStagingFolder(this.#services.config, this.#run)
    const added: AddedFile[] = []
    const isResumed = this.#run.journal !== null
    let from = source.store
    let to = await openCloneStore(catalog, this.#run.table, signal)
    for (const { location } of planned) to.checkLocation(location)
    let loadedAtMs = Date.now()
    try {
      for (let at = 0; at < planned.length; at += BATCH_FILES) {
        if (Date.now() - loadedAtMs > RELOAD_AFTER_MS) {
          from = (await this.#loadSource(sourceCatalog)).store
          to = await openCloneStore(catalog, this.#run.table, signal)
          loadedAtMs = Date.now()
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
                mayExist: isResumed,
                signal,
                onBytes: (count) => this.#report({ bytesRead: this.#progress.bytesRead + count }),
                onDone: (rows) =>
                  this.#report({
                    rowsRead: this.#progress.rowsRead + rows,
                    filesWritten: this.#progress.filesWritten + 1,
                  }),
              },
            ),
          { concurrency: CONCURRENCY },
        )
        added.push(...copied.flat())
        if (at + batch.length <= journal.copiedCount) continue
        journal.copiedCount = at + batch.length
        await this.#context.saveJournal(journal)
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
    return added
  }

  async #create(
    catalog: CatalogClient,
    source: LoadedTable,
    state: ClonedState,
    { layout, added, journal }: { layout: ClonedLayout; added: readonly AddedFile[]; journal: CloneJournal },
  ): Promise<CloneOutcome> {
    const { table: identifier, id: runId, attempt } = this.#run
    const { signal } = this.#context
    signal.throwIfAborted()
    this.#report({ phase: 'creating the table' })
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
    // Manifests have names of their own in each attempt. No table has those of an earlier one, or its run would have been
    // settled.
    if (this.#run.journal !== null) await removeFilesIn(store, metadataFolder(layout.metadata), runId)
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
    await this.#context.saveJournal(Object.assign(journal, { mayBeSent: true, outcome: { ...outcome } }))
    const auditId = newAuditId()
    const audited = { actor: finishingActor(this.#run), action: 'clone-table', requestId: null }
    try {
      const created = await catalog.commitTable(
        identifier,
        { requirements: [{ type: 'assert-create' }], updates: [...layout.updates, ...snapshotUpdates] },
        {
          signal,
          plan: commitPlan(identifier, auditId, audited),
          alongside: (committed) => [
            auditChange(commitAuditEntry(committed, audited), { id: auditId }),
            this.#context.successChange({ ...outcome }),
          ],
        },
      )
      requireSameSpecs(layout.metadata, created.metadata)
    } catch (error) {
      const isUnknown = error instanceof AppError && error.code === 'commit-state-unknown'
      if (!isUnknown) await this.#context.saveJournal(Object.assign(journal, { mayBeSent: false, outcome: null }))
      throw error
    }
    this.#context.log(
      `${formatQuantity(figures.rowCount, 'row')} in ${formatQuantity(figures.dataFileCount, 'data file')} and ${formatQuantity(deleteFiles, 'delete file')}, ${formatBytes(figures.fileBytes)}: every copy has the bytes of its file.`,
    )
    return outcome
  }

  #report(change: Partial<RunProgress>): void {
    this.#progress = { ...this.#progress, ...change }
    this.#context.report(this.#progress)
  }
}

function keptProperties(
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
