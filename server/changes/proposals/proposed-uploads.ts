import 'server-only'
import { AppError } from '@/lib/errors'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { Proposal } from '@/server/db/catalog/proposals'
import type { Database } from '@/server/db/database'
import { listUploads, readUpload, type Upload } from '@/server/db/uploads/uploads'
import { findProposalOf } from './stored-proposals'

/**
 * An upload of another user, for the users who decide on the open proposal that loads it.
 *
 * @param table as the caller, who may write it, sees it
 * @throws {AppError} not-found when the proposal is of another table, is closed, or does not load the upload, and when
 *   the upload has expired or was removed
 */
export async function findUploadOfProposal(
  { database }: { database: Database },
  { identifier, metadata }: Pick<LoadedTable, 'identifier' | 'metadata'>,
  { proposalId, uploadId }: { proposalId: string; uploadId: string },
): Promise<Upload> {
  const row = { on: identifier, tableUuid: metadata.tableUuid }
  const { action, state, proposedBy } = await findProposalOf(database, 'table', row, proposalId)
  const isOfLoad = action.kind === 'load-uploads' && action.uploads.some((one) => one.uploadId === uploadId)
  const upload =
    isOfLoad && state === 'open' ? await readUpload(database, { uploadId, userId: proposedBy.userId }) : null
  if (upload !== null) return upload
  throw new AppError('not-found', 'The proposal is no longer open, or this file of it has expired or was removed.', {
    facts: { proposalId, uploadId },
  })
}

/** The names of files of an open proposal that have expired or were removed: it can no longer be carried out. */
export async function listLostFiles(
  database: Database,
  { action, state, proposedBy }: Pick<Proposal, 'action' | 'state' | 'proposedBy'>,
): Promise<string[]> {
  if (state !== 'open' || action.kind !== 'load-uploads') return []
  const kept = new Set((await listUploads(database, proposedBy.userId)).map(({ uploadId }) => uploadId))
  return action.uploads.flatMap(({ uploadId, fileName }) => (kept.has(uploadId) ? [] : [fileName]))
}
