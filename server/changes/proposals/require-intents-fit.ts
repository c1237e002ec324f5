import 'server-only'
import { AppError } from '@/lib/errors'
import type { Intent } from '@/lib/changes/intents/intent'
import { findConflicts, findProblem } from '@/lib/changes/intents/intent-changes'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { Keys } from '@/server/auth/keys'
import { unmaskBases } from '@/server/table/mask-properties'

/** @throws {AppError} commit-conflict, and what carrying them out would throw: only what fits now can be proposed */
export function requireIntentsFit(keys: Keys, metadata: TableMetadata, intents: readonly Intent[]): void {
  const seen = unmaskBases(keys, metadata, intents)
  if (findConflicts(metadata, seen).length > 0)
    throw new AppError(
      'commit-conflict',
      'The table changed since you opened it. Review the changes and propose again.',
    )
  const problem = findProblem(metadata, seen)
  if (problem) throw problem.error
}
