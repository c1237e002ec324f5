import 'server-only'
import type { z } from 'zod'
import {
  type listRuns as listRunsEndpoint,
  type Run as WireRun,
  RUN_STATES,
  type RunGroup,
  type UndoLink,
  type RunState,
} from '@/lib/contract/jobs'
import { runWarnings } from '@/lib/contract/run-kinds'
import { ENDED_STATES } from '@/lib/contract/shapes/plain-values'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { type Actor, isPermitted } from '@/server/auth/actor'
import type { Database } from '@/server/db/database'
import { listRunKinds, listRuns, type Run, readRun } from '@/server/db/jobs/runs'
import { readLastLines } from '@/server/db/jobs/run-logs'
import { SAVE_RESULT, visibleError } from './private-runs'
import { bulkRunKey, CHANGE_TABLES, findBulkSpec } from './bulk-run-spec'
import type { JsonObject } from '@/lib/iceberg/json/json'

/** Runs as users may see them: those of a table if they may read the table, all others if they may read everything. */

export function canRead(
  actor: Actor,
  { table, ...run }: { table: TableIdentifier | null } & Partial<Pick<Run, 'kind' | 'spec' | 'actor'>>,
): boolean {
  if (isPermitted(actor, 'table:read', table ?? {})) return true
  // Its tables are checked one by one, and its title names only their catalog.
  return run.kind === CHANGE_TABLES && run.actor?.userId === actor.userId
}

/** Whether the actor may cancel the run: the user who queued it, anyone who may write the table, and admins. */
export function canChange(actor: Actor, run: Pick<Run, 'table' | 'actor'> & Partial<Pick<Run, 'kind'>>): boolean {
  const isOwn = run.actor.userId === actor.userId
  const canWrite = run.kind === SAVE_RESULT && run.table !== null && isPermitted(actor, 'table:write', run.table)
  return (
    isOwn || canWrite || canQueue(actor, run) || (run.kind === CHANGE_TABLES && isPermitted(actor, 'console:admin', {}))
  )
}

/** Whether the actor may queue such a run. */
export function canQueue(
  actor: Actor,
  { table, kind, ...run }: { table: TableIdentifier | null } & Partial<Pick<Run, 'kind' | 'actor'>>,
): boolean {
  // It has the permissions of its user, and the keys of their requests.
  if (kind === CHANGE_TABLES) return run.actor?.userId === actor.userId
  // The statement is the user's own, and its result what this user may read.
  if (kind === SAVE_RESULT && run.actor?.userId !== actor.userId) return false
  return table === null ? isPermitted(actor, 'console:admin', {}) : isPermitted(actor, 'table:write', table)
}

/** @throws {AppError} not-found, also when the actor may not know that the run exists */
export async function requireReadableRun(database: Database, id: string, actor: Actor): Promise<Run> {
  const run = await readRun(database, id)
  if (!run || !canRead(actor, run)) throw new AppError('not-found', `There is no run ${id}.`)
  return run
}

async function buildWireRuns(database: Database, runs: readonly Run[], actor: Actor): Promise<WireRun[]> {
  const lines = await readLastLines(
    database,
    runs.map(({ id }) => id),
  )
  const nowMs = database.nowMs()
  return runs.map((run) => toWire(run, { lastLine: lines.get(run.id) ?? 0, nowMs }, actor))
}

export async function buildWireRun(database: Database, run: Run, actor: Actor): Promise<WireRun> {
  const lines = await readLastLines(database, [run.id])
  return toWire(run, { lastLine: lines.get(run.id) ?? 0, nowMs: database.nowMs() }, actor)
}

const MAX_RUNS = 200
const DEFAULT_RUNS = 50
/** How many runs are read for one page when the actor may not see most of them, or most have no warnings. */
const MAX_SCANNED_RUNS = 2_000

type RunPageQuery = z.output<typeof listRunsEndpoint.input>

/**
 * A page of the runs that the actor may read, newest first.
 *
 * @throws {AppError} invalid-request when the table is only partly named
 */
export async function readRunPage(
  database: Database,
  { state, kind, schedule, before, limit = DEFAULT_RUNS, ...tableParams }: RunPageQuery,
  actor: Actor,
) {
  const size = Math.min(Math.max(limit, 1), MAX_RUNS)
  const table = parseTable(tableParams)
  const filter = {
    ...(state && { states: statesInGroup(state) }),
    ...(kind && { kind }),
    ...(table && { table }),
    ...(schedule && { scheduleId: schedule }),
  }
  const found: Run[] = []
  let readCount = 0
  let last = before
  for (;;) {
    const batch = await listRuns(database, {
      ...filter,
      ...(last !== undefined && { before: last }),
      limit: size + 1,
    })
    for (const run of batch) {
      readCount += 1
      if (found.length === size || readCount > MAX_SCANNED_RUNS) {
        return { runs: await buildWireRuns(database, found, actor), nextBefore: last ?? null }
      }
      if (canRead(actor, run) && (state !== 'with-warnings' || hasWarnings(run))) found.push(run)
      last = run.id
    }
    if (batch.length <= size) return { runs: await buildWireRuns(database, found, actor), nextBefore: null }
  }
}

function parseTable({ catalog, namespace, table }: Pick<RunPageQuery, keyof TableIdentifier>): TableIdentifier | null {
  if (catalog === undefined && namespace === undefined && table === undefined) return null
  if (catalog !== undefined && namespace !== undefined && table !== undefined) return { catalog, namespace, table }
  throw new AppError('invalid-request', 'Name the table by catalog, namespace and table.')
}

/** The kinds to offer as filters. */
export async function listKnownKinds(database: Database, scheduleKinds: readonly string[]): Promise<string[]> {
  return [...new Set([...(await listRunKinds(database)), ...scheduleKinds])].toSorted()
}

/** The problems that a user has to look at although the run succeeded, by name. */
export function warningsOf({ kind, state, outcome }: Pick<Run, 'kind' | 'state' | 'outcome'>): Record<string, number> {
  return state === 'succeeded' ? { ...runWarnings(kind, outcome) } : {}
}

function hasWarnings(run: Run): boolean {
  return Object.keys(warningsOf(run)).length > 0
}

function statesInGroup(group: RunGroup): readonly RunState[] {
  if (group === 'ended') return ENDED_STATES
  if (group === 'open') return RUN_STATES.filter((state) => state === 'queued' || state === 'running')
  if (group === 'with-warnings') return ['succeeded']
  return [group]
}

/** @param nowMs by the database's clock, like the times of the run */
export function toWire(run: Run, { lastLine, nowMs }: { lastLine: number; nowMs: number }, actor: Actor): WireRun {
  return {
    id: run.id,
    kind: run.kind,
    title: run.title,
    state: run.state,
    table: run.table && { ...run.table },
    bulkChange: toBulkChange(run),
    actor: run.actor.username,
    scheduleId: run.scheduleId,
    createdAtMs: run.createdAtMs,
    startedAtMs: run.startedAtMs,
    attemptStartedAtMs: run.attemptStartedAtMs,
    finishedAtMs: run.finishedAtMs,
    durationMs:
      run.attemptStartedAtMs === null ? null : Math.max(0, (run.finishedAtMs ?? nowMs) - run.attemptStartedAtMs),
    attempt: run.attempt,
    nextAttemptAtMs: run.nextAttemptAtMs,
    scheduledForMs: run.scheduledForMs,
    awaitedUploads: run.awaitedUploads,
    isCancelRequested: run.isCancelRequested,
    progress: run.progress,
    outcome: run.outcome && scalarValues(run.outcome),
    warnings: warningsOf(run),
    error: visibleError(run, actor),
    lastLine,
    canChange: canChange(actor, run),
  }
}

/** How many of the newest runs of a change of many tables are looked through for the one that undid another. */
const MAX_LINKED_RUNS = 100

/** The runs that undid a run of a change of many tables, or that it undid, if the actor may read them. */
export async function readUndoLinks(
  database: Database,
  run: Run,
  actor: Actor,
): Promise<{ undoes: UndoLink | null; undoneBy: UndoLink | null }> {
  const spec = findBulkSpec(run)
  if (spec === null || spec.step === 'preview') return { undoes: null, undoneBy: null }
  const runs = await listRuns(database, { exclusiveKey: bulkRunKey(spec.bulkChangeId), limit: MAX_LINKED_RUNS })
  const isUndo = spec.step === 'undo'
  const found = runs.find((other) => {
    const step = findBulkSpec(other)?.step
    const fits = isUndo
      ? other.id < run.id && (step === 'write' || step === 'commit-proposals')
      : other.id > run.id && step === 'undo'
    return fits && canRead(actor, other)
  })
  const link = found
    ? {
        id: found.id,
        title: found.title,
        state: found.state,
        outcome: found.outcome && scalarValues(found.outcome),
      }
    : null
  return isUndo ? { undoes: link, undoneBy: null } : { undoes: null, undoneBy: link }
}

function toBulkChange(run: Run): WireRun['bulkChange'] {
  const spec = findBulkSpec(run)
  return spec && { catalog: spec.catalog, bulkChangeId: spec.bulkChangeId }
}

/** How long a worker may take to write its last lines: the transaction of a run's effect ends the run before them. */
const LAST_LINES_MS = 15_000

/** Whether lines may still be added to the log of the run. @param nowMs by the database's clock */
export function isLogOpen({ finishedAtMs }: Pick<Run, 'finishedAtMs'>, nowMs: number): boolean {
  return finishedAtMs === null || nowMs - finishedAtMs < LAST_LINES_MS
}

/** The values that are not lists or objects. */
export function scalarValues(outcome: JsonObject): NonNullable<WireRun['outcome']> {
  return Object.fromEntries(
    Object.entries(outcome).flatMap(([name, value]) =>
      value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? [[name, value] as const]
        : [],
    ),
  )
}
