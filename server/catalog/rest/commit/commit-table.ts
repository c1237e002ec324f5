import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { JsonFields } from '@/lib/iceberg/json/json-fields'
import { tableMetadataFromJson } from '@/lib/iceberg/metadata/metadata-json'
import { enforceUpdateLimits } from '@/lib/iceberg/commit/size-limits'
import { tableChangeToJson } from '@/lib/iceberg/commit/table-change-json'
import { requireSupportedFormat } from '@/lib/iceberg/metadata/supported-format'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { TableChange } from '@/lib/iceberg/commit/table-update'
import { checkRequirements } from '@/lib/iceberg/commit/check-requirements'
import type {
  CatalogWrite,
  CommittedTable,
  TableChangeOrBuilder,
  WriteOptions,
} from '@/server/catalog/port/catalog-write'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { RequestOptions } from '@/server/catalog/port/request-options'
import { maxCommitRetries } from '@/server/catalog/max-commit-retries'
import type { PendingRequest } from '../pending-request'
import { ENDPOINTS } from '../http/endpoints'
import { outcomeUnknownError } from '../http/errors'
import { wasOvertaken } from './was-overtaken'
import { loadAfterRejection, findAlreadyCommitted, showsOwnSnapshots, reconcile, type SentCommit } from './reconcile'
import { attemptPauseMs } from '../http/retry'
import { endpointPath } from '../http/paths'
import { readWriteResponse, callEndpoint, type RestSession } from '../http/session'
import { toIdentifierJson, toPathNames } from '../entries'
import { loadTable } from '../tables'
import type { RestDeps } from '../rest-deps'
import { showsUpdates } from './shows-updates'
import { commitEvidence, expectedCommits } from './commit-evidence'

/**
 * Builds and checks the change on the current table and sends it with its requirements. When the catalog reports that
 * another writer was first, it starts over. When the response is lost, it looks up the outcome.
 */
export async function commitTable(
  deps: RestDeps,
  { table: identifier, change }: CatalogWrite<'commit-table'>,
  { signal, alongside }: WriteOptions<'commit-table'>,
  request: PendingRequest,
): Promise<LoadedTable> {
  const requestOptions = { ...(signal && { signal }) }
  const finish = async (committed: CommittedTable) => {
    await request.record(() => alongside?.(committed))
    return committed.after
  }
  let sent: SentCommit | null = null
  let rejection: AppError | null = null
  for (let retries = 0; ; retries += 1) {
    const before = isCreate(change)
      ? null
      : await loadAfterRejection(rejection, () => loadTable(deps, identifier, requestOptions))
    if (before !== null) requireSupportedFormat(before.metadata)
    // A proxy between us and the catalog sent the commit twice and returned the response to the second one.
    if (sent !== null && before !== null && showsOwnSnapshots([before], [sent])) {
      return finish({ before: sent.before, after: before })
    }
    const currentChange =
      before !== null && typeof change === 'function' ? await change(before) : (change as TableChange)
    if (before !== null && !needsSending(before, currentChange)) return before
    enforceUpdateLimits(currentChange.updates, before?.metadata ?? null)
    const pending: SentCommit = {
      identifier,
      before,
      change: before === null ? currentChange : withUuidRequirement(before.metadata, currentChange),
    }
    sent = pending
    await request.store(commitEvidence([pending]), expectedCommits([pending]))
    const result = await tryCommit(deps, [pending], retries, async () => [
      await sendCommit(deps, pending, requestOptions),
    ])
    if (Array.isArray(result)) {
      if (result[0] !== undefined) return finish({ before, after: result[0] })
    } else {
      rejection = result
      request.noteRefusal(result)
    }
  }
}

export async function commitPath(
  session: RestSession,
  identifier: TableIdentifier,
  options?: RequestOptions,
): Promise<string> {
  return endpointPath(ENDPOINTS.updateTable, toPathNames(session, identifier), await session.config(options))
}

export async function commitTables(
  deps: RestDeps,
  { commits, verify }: CatalogWrite<'commit-tables'>,
  { signal, alongside }: WriteOptions<'commit-tables'>,
  request: PendingRequest,
): Promise<LoadedTable[]> {
  const requestOptions = { ...(signal && { signal }) }
  const { session } = deps
  const identifiers = commits.map(({ identifier }) => JSON.stringify(toIdentifierJson(session, identifier)))
  if (new Set(identifiers).size < identifiers.length) {
    throw new AppError('invalid-request', 'A transaction must name each table only once.')
  }
  let sent: SentCommit[] = []
  let rejection: AppError | null = null
  for (let retries = 0; ; retries += 1) {
    const currentTables: (LoadedTable | null)[] = []
    for (const { identifier, change } of commits) {
      currentTables.push(
        isCreate(change)
          ? null
          : await loadAfterRejection(rejection, () => loadTable(deps, identifier, requestOptions)),
      )
    }
    for (const table of currentTables) if (table !== null) requireSupportedFormat(table.metadata)
    for (const [i, { change }] of commits.entries()) if (currentTables[i]) await verify?.(currentTables[i], change)
    // A proxy may have sent the transaction twice, as for a commit of one table.
    if (showsOwnSnapshots(currentTables, sent)) return finishCommits(sent, currentTables)
    sent = commits.map(({ identifier, change }, i): SentCommit => {
      const before = currentTables[i] ?? null
      if (before !== null) checkRequirements(before.metadata, change.requirements)
      enforceUpdateLimits(change.updates, before?.metadata ?? null)
      return { identifier, before, change: before === null ? change : withUuidRequirement(before.metadata, change) }
    })
    const pending = sent
    await request.store(commitEvidence(pending), expectedCommits(pending))
    const result = await tryCommit(deps, pending, retries, () => sendTransaction(deps, pending, requestOptions))
    if (Array.isArray(result)) return finishCommits(sent, result)
    rejection = result
    request.noteRefusal(result)
  }

  async function finishCommits(sentCommits: readonly SentCommit[], tables: readonly (LoadedTable | null)[]) {
    const committed = sentCommits.flatMap(({ before }, i): CommittedTable[] =>
      tables[i] ? [{ before, after: tables[i] }] : [],
    )
    await request.record(() => alongside?.(committed))
    return committed.map(({ after }) => after)
  }
}

/** @returns the committed tables, or the refusal after which the caller starts over */
async function tryCommit(
  deps: RestDeps,
  sent: readonly SentCommit[],
  retries: number,
  send: () => Promise<LoadedTable[]>,
): Promise<LoadedTable[] | AppError> {
  try {
    return await send()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    if (error.code === 'commit-state-unknown') return reconcile(deps, sent, error)
    const isConflict =
      error.code === 'commit-conflict' ||
      (error.code === 'invalid-request' && (await loadAfterRejection(error, () => wasOvertaken(deps, sent))))
    if (!isConflict) throw error
    // A conflict on a table to create means that another writer created it, so a retry cannot succeed.
    const maxRetries = Math.min(...sent.map(({ before }) => (before ? maxCommitRetries(before.metadata) : 0)))
    if (retries >= maxRetries) {
      const committedEarlier = await findAlreadyCommitted(deps, sent, error)
      if (committedEarlier === null) throw error
      return committedEarlier
    }
    await deps.session.pause(attemptPauseMs(retries + 1))
    return error
  }
}

async function sendCommit(
  { session, stores, metadataCache, gates }: RestDeps,
  { identifier, before, change }: SentCommit,
  options: { signal?: AbortSignal },
) {
  metadataCache.forget(identifier)
  const { json } = await callEndpoint(session, ENDPOINTS.updateTable, {
    ...options,
    names: toPathNames(session, identifier),
    body: tableChangeToJson(change, before?.metadata ?? null),
    purpose: 'commit',
  })
  return readWriteResponse((): LoadedTable => {
    const response = new JsonFields(json, '')
    const metadataLocation = response.text('metadata-location')
    // The response does not repeat the restrictions of reads.
    return gates.pass({
      identifier,
      metadataLocation,
      metadata: tableMetadataFromJson(response.json('metadata'), { metadataLocation }),
      store: before?.store ?? stores.openLazily(identifier),
    })
  })
}

/** The response is empty, so the tables are loaded again, even if the caller has disconnected. */
async function sendTransaction(
  deps: RestDeps,
  sent: readonly SentCommit[],
  options: { signal?: AbortSignal },
): Promise<LoadedTable[]> {
  const { session, metadataCache } = deps
  for (const { identifier } of sent) metadataCache.forget(identifier)
  const changes = sent.map(({ identifier, before, change }) => ({
    identifier: toIdentifierJson(session, identifier),
    ...tableChangeToJson(change, before?.metadata ?? null),
  }))
  await callEndpoint(session, ENDPOINTS.commitTransaction, {
    ...options,
    body: { 'table-changes': changes },
    purpose: 'commit',
  })
  try {
    const tables: LoadedTable[] = []
    for (const { identifier } of sent) tables.push(await loadTable(deps, identifier))
    return tables
  } catch (cause) {
    throw outcomeUnknownError({ cause })
  }
}

function isCreate(change: TableChangeOrBuilder): boolean {
  return typeof change !== 'function' && change.requirements.some(({ type }) => type === 'assert-create')
}

/** @throws {AppError} commit-conflict when a requirement does not hold on the current table */
function needsSending({ metadata }: LoadedTable, { requirements, updates }: TableChange): boolean {
  checkRequirements(metadata, requirements)
  return updates.length > 0 && !showsUpdates(metadata, updates)
}

/** A table that was dropped and recreated under the same name is a different table. */
function withUuidRequirement({ tableUuid }: TableMetadata, { requirements, updates }: TableChange): TableChange {
  if (requirements.some(({ type }) => type === 'assert-table-uuid')) return { requirements, updates }
  return { requirements: [{ type: 'assert-table-uuid', uuid: tableUuid }, ...requirements], updates }
}
