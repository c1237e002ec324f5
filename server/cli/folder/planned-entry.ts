import 'server-only'
import { AppError } from '@/lib/errors'
import type { ChangeRequest } from '@/server/changes/pipeline/change-request'
import type { Services } from '@/server/services'
import type { Allowed } from '../table-plan'
import type { FolderEntry } from './folder-report'

/** The services and flags of one run over a folder. */
export type FolderContext = {
  services: Services
  catalog: string
  request: ChangeRequest
  allowed: Allowed
}

export type ProposalText = { title: string; note: string }

/** The result of writing an entry. */
export type Applied = Pick<FolderEntry, 'result'> & Partial<Pick<FolderEntry, 'auditId' | 'proposalId'>>

/**
 * An entry as it was compared, and its write; null if there is nothing to write.
 *
 * `apply` proposes what needs two people with the text, and commits anything else.
 */
export type PlannedEntry = {
  entry: FolderEntry
  apply: ((proposal: ProposalText | null) => Promise<Applied>) | null
}

type EntryName = Pick<FolderEntry, 'kind' | 'name' | 'file'>

const NOTHING = {
  changes: [],
  warnings: [],
  needsProposal: false,
  missingFlags: [],
  auditId: null,
  proposalId: null,
  problem: null,
} satisfies Partial<FolderEntry>

/** Compares one entry. An expected failure is a part of the report, so that it does not hide the others. */
export async function planEntry(
  name: EntryName,
  plan: () => Promise<{ entry: Partial<FolderEntry>; apply: PlannedEntry['apply'] }>,
): Promise<PlannedEntry> {
  try {
    const { entry, apply } = await plan()
    const isUnchanged = (entry.changes ?? []).length === 0
    return {
      entry: { ...name, ...NOTHING, ...entry, result: isUnchanged ? 'unchanged' : 'differs' },
      apply: isUnchanged ? null : apply,
    }
  } catch (error) {
    return { entry: { ...name, ...NOTHING, result: 'failed', problem: toProblem(error) }, apply: null }
  }
}

/** @throws the error if it is a bug, or if the command was stopped */
export function toProblem(error: unknown): NonNullable<FolderEntry['problem']> {
  if (!(error instanceof AppError) || error.code === 'cancelled') throw error
  return { code: error.code, detail: error.message }
}
