import type { SnapshotFacts } from './snapshot-facts'

/** How a commit came about; null where that is not known. */
export type CommitDetail = {
  /** The run of ours that committed. */
  runId: string | null
  /** The query of the engine. */
  queryId: string | null
  /** The bytes that a load read. */
  inputBytes: number | null
} & CommitEffort

/** How long our catalog took for a commit, and how often it began again because another writer was first. */
export type CommitEffort = { durationMs: number | null; retries: number | null }

export const NO_EFFORT: CommitEffort = { durationMs: null, retries: null }

/** @returns null if nothing is known */
export function toCommitDetail(
  { runId = null, queryId = null, inputBytes }: SnapshotFacts,
  effort: CommitEffort,
): CommitDetail | null {
  const detail = { runId, queryId, inputBytes, ...effort }
  return Object.values(detail).every((value) => value === null) ? null : detail
}
