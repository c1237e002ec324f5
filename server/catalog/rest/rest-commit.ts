import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { JsonFields } from '@/lib/iceberg/json-fields'
import { tableMetadataFromJson } from '@/lib/iceberg/metadata-json'
import { requireUpdatesFit } from '@/lib/iceberg/size-limits'
import { tableChangeToJson } from '@/lib/iceberg/table-change-json'
import type { TableMetadata } from '@/lib/iceberg/table-metadata'
import type { TableChange } from '@/lib/iceberg/table-update'
import { checkRequirements } from '@/lib/iceberg/update-requirement'
import type {
  Asked,
  ChangeOn,
  CommitOptions,
  Committed,
  LoadedTable,
  TableCommit,
  TransactionOptions,
} from '../catalog-client'
import { retriesOf } from '../commit-retries'
import { written } from './rest-alongside'
import { ENDPOINTS } from './rest-endpoints'
import { outcomeUnknown } from './rest-errors'
import { wasOvertaken } from './rest-overtaken'
import { afterRefusal, arrivedBefore, haveItsSnapshots, reconciled, type Sent } from './rest-reconcile'
import { pauseMs } from './rest-retry'
import { endpointPath } from './rest-paths'
import { afterWrite, ask, type RestSession } from './rest-session'
import { identifierOf, loadTable, namesOf, type TableParts } from './rest-tables'
import { showsUpdates } from './shows-updates'

/**
 * The change is made and checked on the table as it is now, and sent with what it relies on; where the catalog says
 * that somebody else was first, all of it is done again. An outcome that nobody told is looked up.
 */
export async function commitTable(
  parts: TableParts,
  ref: TableRef,
  change: ChangeOn,
  { signal, alongside }: CommitOptions = {},
): Promise<LoadedTable> {
  const asked = { ...(signal && { signal }) }
  let sent: Sent | null = null
  let refusal: AppError | null = null
  for (let retries = 0; ; retries += 1) {
    const before = isCreate(change) ? null : await afterRefusal(refusal, () => loadTable(parts, ref, asked))
    // Something between us and the catalog sent it twice, and passed on what the second one was told.
    if (sent !== null && before !== null && haveItsSnapshots([before], [sent])) {
      return acknowledged(parts, { before: sent.before, after: before }, alongside)
    }
    const made = before !== null && typeof change === 'function' ? await change(before) : (change as TableChange)
    if (before !== null && !mustBeSent(before, made)) return before
    requireUpdatesFit(made.updates, before?.metadata ?? null)
    const sending: Sent = { ref, before, change: before === null ? made : withUuid(before.metadata, made) }
    sent = sending
    const outcome = await orRefusal(parts, [sending], retries, async () => [await sendCommit(parts, sending, asked)])
    if (!Array.isArray(outcome)) refusal = outcome
    else if (outcome[0] !== undefined) return acknowledged(parts, { before, after: outcome[0] }, alongside)
  }
}

export async function commitPath(session: RestSession, ref: TableRef, asked?: Asked): Promise<string> {
  return endpointPath(ENDPOINTS.updateTable, namesOf(session, ref), await session.config(asked))
}

async function acknowledged(
  { session }: TableParts,
  committed: Committed,
  alongside: CommitOptions['alongside'],
): Promise<LoadedTable> {
  await written(session, () => alongside?.(committed))
  return committed.after
}

export async function commitTables(
  parts: TableParts,
  commits: readonly TableCommit[],
  { signal, alongside, alongsideAll }: TransactionOptions = {},
): Promise<LoadedTable[]> {
  const asked = { ...(signal && { signal }) }
  const { session } = parts
  const identifiers = commits.map(({ ref }) => JSON.stringify(identifierOf(session, ref)))
  if (new Set(identifiers).size < identifiers.length) {
    throw new AppError('invalid-request', 'A commit over several tables names each of them once.')
  }
  let sent: Sent[] = []
  let refusal: AppError | null = null
  for (let retries = 0; ; retries += 1) {
    const befores: (LoadedTable | null)[] = []
    for (const { ref, change } of commits) {
      befores.push(isCreate(change) ? null : await afterRefusal(refusal, () => loadTable(parts, ref, asked)))
    }
    // It may have been sent twice, as that of one table.
    if (haveItsSnapshots(befores, sent)) return acknowledgedAll(sent, befores)
    sent = commits.map(({ ref, change }, i): Sent => {
      const before = befores[i] ?? null
      if (before !== null) checkRequirements(before.metadata, change.requirements)
      requireUpdatesFit(change.updates, before?.metadata ?? null)
      return { ref, before, change: before === null ? change : withUuid(before.metadata, change) }
    })
    const sending = sent
    const outcome = await orRefusal(parts, sending, retries, () => sendTransaction(parts, sending, asked))
    if (Array.isArray(outcome)) return acknowledgedAll(sent, outcome)
    refusal = outcome
  }

  async function acknowledgedAll(of: readonly Sent[], afters: readonly (LoadedTable | null)[]) {
    const committed = of.flatMap(({ before }, i): Committed[] => (afters[i] ? [{ before, after: afters[i] }] : []))
    await written(session, () => [
      ...committed.flatMap((one) => [...(alongside?.(one) ?? [])]),
      ...(alongsideAll?.() ?? []),
    ])
    return committed.map(({ after }) => after)
  }
}

/** @returns the tables as they are since, or the refusal after which all of it is to be done again */
async function orRefusal(
  parts: TableParts,
  sent: readonly Sent[],
  retries: number,
  send: () => Promise<LoadedTable[]>,
): Promise<LoadedTable[] | AppError> {
  try {
    return await send()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    if (error.code === 'commit-state-unknown') return reconciled(parts, sent, error)
    const isConflict =
      error.code === 'commit-conflict' ||
      (error.code === 'invalid-request' && (await afterRefusal(error, () => wasOvertaken(parts, sent))))
    if (!isConflict) throw error
    // Of a table to be made: somebody else made it, and will not unmake it for us.
    const mostRetries = Math.min(...sent.map(({ before }) => (before ? retriesOf(before.metadata) : 0)))
    if (retries >= mostRetries) {
      const arrived = await arrivedBefore(parts, sent, error)
      if (arrived === null) throw error
      return arrived
    }
    await parts.session.pause(pauseMs(retries + 1))
    return error
  }
}

async function sendCommit(
  { session, stores, loadedBefore }: TableParts,
  { ref, before, change }: Sent,
  asked: { signal?: AbortSignal },
) {
  loadedBefore.forget(ref)
  const { json } = await ask(session, ENDPOINTS.updateTable, {
    ...asked,
    names: namesOf(session, ref),
    body: tableChangeToJson(change, before?.metadata ?? null),
    purpose: 'commit',
  })
  return afterWrite((): LoadedTable => {
    const answer = new JsonFields(json, '')
    return {
      ref,
      metadataLocation: answer.text('metadata-location'),
      metadata: tableMetadataFromJson(answer.json('metadata')),
      store: before?.store ?? stores.later(ref),
    }
  })
}

/** The answer is empty: the tables are looked at again, whoever has left meanwhile. */
async function sendTransaction(
  parts: TableParts,
  sent: readonly Sent[],
  asked: { signal?: AbortSignal },
): Promise<LoadedTable[]> {
  const { session, loadedBefore } = parts
  for (const { ref } of sent) loadedBefore.forget(ref)
  const changes = sent.map(({ ref, before, change }) => ({
    identifier: identifierOf(session, ref),
    ...tableChangeToJson(change, before?.metadata ?? null),
  }))
  await ask(session, ENDPOINTS.commitTransaction, { ...asked, body: { 'table-changes': changes }, purpose: 'commit' })
  try {
    const all: LoadedTable[] = []
    for (const { ref } of sent) all.push(await loadTable(parts, ref))
    return all
  } catch (cause) {
    throw outcomeUnknown({ cause })
  }
}

function isCreate(change: ChangeOn): boolean {
  return typeof change !== 'function' && change.requirements.some(({ type }) => type === 'assert-create')
}

/** @throws {AppError} commit-conflict when a requirement does not hold on the table as it is */
function mustBeSent({ metadata }: LoadedTable, { requirements, updates }: TableChange): boolean {
  checkRequirements(metadata, requirements)
  return updates.length > 0 && !showsUpdates(metadata, updates)
}

/** A table that was dropped and made again under the same name is another one. */
function withUuid({ tableUuid }: TableMetadata, { requirements, updates }: TableChange): TableChange {
  if (requirements.some(({ type }) => type === 'assert-table-uuid')) return { requirements, updates }
  return { requirements: [{ type: 'assert-table-uuid', uuid: tableUuid }, ...requirements], updates }
}
