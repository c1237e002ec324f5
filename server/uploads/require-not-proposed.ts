import 'server-only'
import { AppError } from '@/lib/errors'
import { findProposal } from '@/server/db/catalog/proposals'
import type { Database } from '@/server/db/database'
import type { Upload } from '@/server/db/uploads/uploads'

/**
 * @param next what the user can do, in a sentence
 * @throws {AppError} invalid-request when an open proposal loads the upload: its run will need it, and remove it
 */
export async function requireNotProposed(
  database: Database,
  { fileName, proposalId }: Pick<Upload, 'fileName' | 'proposalId'>,
  next: string,
): Promise<void> {
  const proposal = proposalId === null ? null : await findProposal(database, proposalId)
  if (proposal?.state !== 'open') return
  throw new AppError('invalid-request', `${fileName} belongs to the open proposal “${proposal.title}”. ${next}`, {
    facts: { proposalId: proposal.proposalId },
  })
}
