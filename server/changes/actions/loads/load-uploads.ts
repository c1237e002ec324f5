import 'server-only'
import type { ProposedLoad, ProposedUploads } from '@/lib/contract/shapes/proposed-table-action'
import { AppError } from '@/lib/errors'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { pickConfirmations } from '@/lib/contract/loads/load-confirmations'
import { APPEND_TO_MAIN, losesRows } from '@/lib/ingest/load-landing'
import { entryLabel, isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import type { Proposal } from '@/server/db/catalog/proposals'
import type { Database } from '@/server/db/database'
import type { Run } from '@/server/db/jobs/runs'
import { readUpload, type Upload } from '@/server/db/uploads/uploads'
import { requirePossibleLanding } from '@/server/ingest/land/possible-landing'
import {
  HOW_TO_PROPOSE_A_LOAD,
  type IngestSpec,
  type InputSource,
  type LocationFile,
  type LocationPattern,
  type UrlInput,
} from '@/server/ingest/run/ingest-spec'
import { type LaneServices, toIngestRun } from '@/server/ingest/run/lane/choose-lane'
import { requireBranch } from '@/server/ingest/run/load-branch'
import { requireCorrectedLoad } from '@/server/ingest/run/past-load'
import { requireNotAwaited, toAwaited } from '@/server/ingest/run/waiting/awaited-uploads'
import { requireWritableFormat } from '@/server/ingest/run/writable-format'
import { toRunActor } from '@/server/jobs/change-run'
import { findUpload } from '@/server/uploads/find-upload'
import { requireNotProposed } from '@/server/uploads/require-not-proposed'
import { withColumnIds } from './landing-filter'
import type { NothingReviewed, ProposableAction } from '../../pipeline/action'
import type { Attempt } from '../../pipeline/attempt'
import type { ChangeServices } from '../../pipeline/change-request'
import { readStartedRun, startAwaitingRun, startRun } from '../start-run'

export type LoadServices = ChangeServices & LaneServices
const LOST_FILE_ADVICE = 'Send the proposal back or withdraw it, and propose the load again.'

type LoadOptions = Omit<IngestSpec, 'input' | 'create' | 'history' | 'uploadedBy' | 'proposed'>
type UploadsLoad = { uploads: readonly ChosenUpload[]; options: LoadOptions }
/** A load with files of load locations, too. */
export type RequestedLoad = {
  inputs: readonly (ChosenUpload | LocationFile | LocationPattern | UrlInput)[]
  options: LoadOptions
}
/** An upload of a load; with a name and a size if these were proposed. */
type ChosenUpload = { uploadId: string; fileName?: string; sizeBytes?: number }

/** Queues a run that loads uploads into a table. The run checks again what it may when it starts. */
export const loadUploadsAction: ProposableAction<
  LoadServices,
  TableIdentifier,
  UploadsLoad,
  NothingReviewed,
  { run: Run },
  null
> = {
  kind: 'load-uploads',
  isHeld: true,
  // Complete uploads do not change.
  toReviewed: () => ({}),
  async review({ services: { database }, catalog, actor, signal }, on, { uploads, options }) {
    const { metadata, requireReadable } = await catalog.loadTable(on, { signal })
    requireReadable?.()
    const { landing = APPEND_TO_MAIN } = options
    requireWritableFormat(metadata.formatVersion, on)
    requireBranch(metadata, landing)
    requirePossibleLanding(landing, currentSchema(metadata))
    if (options.correctsRunId !== undefined) await requireCorrectedLoad(database, options.correctsRunId, { on, actor })
    const known = new Set<string>()
    for (const chosen of uploads) {
      const upload = requireForTable(await findUpload(database, chosen.uploadId, actor), on)
      requireComplete(upload)
      if (known.has(chosen.uploadId))
        throw new AppError('invalid-request', `${upload.fileName} is proposed twice. Propose each upload once.`)
      known.add(chosen.uploadId)
      requireAsProposed(upload, chosen)
      requireNotAwaited(upload)
      await requireNotProposed(database, upload, 'Withdraw that one, or upload the file again.')
    }
    return { problem: null, show: async () => null }
  },
  proposalAdvice: HOW_TO_PROPOSE_A_LOAD,
  permissions: (on) => [{ permission: 'table:write', resource: on }],
  commit: async (attempt, on, { uploads, options }) => queueLoad(attempt, on, { inputs: uploads, options }),
  repeat: async ({ services }, _on, _load, auditId) => ({ run: await readStartedRun(services, auditId) }),
}

/**
 * Checks the table and the uploads, and queues the run, which waits for those of which bytes are missing.
 *
 * @throws {AppError} not-found also for an upload of a proposal; invalid-request
 */
export async function queueLoad(
  attempt: Attempt<LoadServices>,
  on: TableIdentifier,
  { inputs, options }: RequestedLoad,
): Promise<{ run: Run }> {
  const { actor, catalog, signal, services, request } = attempt
  const { proposal } = request
  const { landing = APPEND_TO_MAIN } = options
  if (losesRows(landing)) attempt.requireTypedName(on)
  const { metadata, requireReadable } = await catalog.loadTable(on, { signal })
  requireReadable?.()
  const { formatVersion, tableUuid } = metadata
  attempt.requireSame(tableUuid)
  requireWritableFormat(formatVersion, on)
  requireBranch(metadata, landing)
  const input: InputSource[] = []
  const uploads: Upload[] = []
  for (const chosen of inputs) {
    if (!('uploadId' in chosen)) {
      input.push(chosen)
      continue
    }
    const upload = proposal
      ? await findProposedUpload(services.database, chosen, proposal)
      : requireForTable(await findUpload(services.database, chosen.uploadId, actor), on)
    requireNotAwaited(upload)
    uploads.push(upload)
    input.push({ uploadId: upload.uploadId, name: upload.fileName })
  }
  const approved = proposal && {
    uploadedBy: proposal.proposedBy.userId,
    proposed: { proposalId: proposal.proposalId, tableUuid },
  }
  const spec = { ...options, ...withColumnIds(options, metadata), ...approved, input, create: null }
  const run = await toIngestRun(services, on, spec, { actor: toRunActor(actor), signal })
  const awaited = toAwaited(uploads)
  return {
    run:
      awaited === null
        ? await startRun(attempt, on, run, 'start-run')
        : await startAwaitingRun(attempt, on, run, awaited),
  }
}

export function toUploadsLoad({ uploads, correctsRun, ...options }: Omit<ProposedUploads, 'kind'>): UploadsLoad {
  return {
    uploads,
    options: { ...toLoadOptions(options), ...(correctsRun !== undefined && { correctsRunId: correctsRun }) },
  }
}

/** The options of a proposed load, as a run has them: it leaves out those that were left out. */
export function toLoadOptions({
  format,
  csv,
  mapping,
  ignoreExtra,
  allowNullColumns,
  allowAmbiguousNumbers,
  loadAgain,
  maxRejectedRows,
  maxRejectedShare,
  landing,
}: Omit<ProposedLoad, 'kind' | 'input' | 'otherFiles' | 'sizeBytes' | 'sha256'>): LoadOptions {
  return {
    format,
    ignoreExtra,
    maxRejectedRows,
    ...pickConfirmations({ allowNullColumns, allowAmbiguousNumbers, loadAgain }),
    ...(csv && { csv }),
    ...(mapping && { mapping }),
    ...(landing && { landing }),
    ...(maxRejectedShare !== undefined && { maxRejectedShare }),
  }
}

/**
 * The permission to write was checked for the table that the upload names.
 *
 * @throws {AppError} invalid-request for an upload for another table
 */
function requireForTable(upload: Upload, on: TableIdentifier): Upload {
  const { target, fileName } = upload
  if (!isSameTable(target, on))
    throw new AppError(
      'invalid-request',
      `${fileName} was uploaded for ${entryLabel(target)}. Upload it for this table.`,
    )
  return upload
}

/**
 * Another user approves the bytes that are here, so that none may come afterwards.
 *
 * @throws {AppError} invalid-request
 */
function requireComplete({ fileName, sizeBytes, receivedBytes }: Upload): void {
  if (receivedBytes === sizeBytes) return
  throw new AppError('invalid-request', `${fileName} is still being uploaded. Nothing was started.`, {
    facts: { sizeBytes, receivedBytes },
  })
}

/**
 * The page of the proposal shows the name and the size that were sent with it.
 *
 * @throws {AppError} invalid-request when the upload has others
 */
function requireAsProposed(upload: Upload, { fileName, sizeBytes }: ChosenUpload): void {
  if (upload.fileName === fileName && upload.sizeBytes === sizeBytes) return
  throw new AppError(
    'invalid-request',
    `The upload is ${upload.fileName} with ${upload.sizeBytes} bytes, and was proposed with another name or size.`,
    { facts: { fileName: upload.fileName, sizeBytes: upload.sizeBytes } },
  )
}

/**
 * An upload of the proposer. That it is for this table was checked when it was proposed; the table may have another name
 * now.
 *
 * @throws {AppError} not-found when it has expired or was removed
 */
async function findProposedUpload(
  database: Database,
  { uploadId, fileName = 'A file' }: ChosenUpload,
  { proposedBy: { userId, username } }: Proposal,
): Promise<Upload> {
  const upload = await readUpload(database, { uploadId, userId })
  if (upload !== null) return upload
  throw new AppError(
    'not-found',
    `${fileName}, which ${username} uploaded with the proposal, has expired, was loaded or was removed. Nothing was changed.`,
    { facts: { file: fileName, hint: LOST_FILE_ADVICE } },
  )
}
