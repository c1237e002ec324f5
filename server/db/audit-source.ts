import 'server-only'
import type { ChangeSource } from '@/lib/contract/shapes/change-origin'
import type { AuditEntry } from './audit'

/** Where a change came from, also for rows of versions before 0.2.0, which do not say so themselves. */
export function readSource(entry: Pick<AuditEntry, 'origin' | 'via' | 'requestId' | 'actor' | 'namespace'>): {
  source: ChangeSource
  job: string | null
} {
  const { origin } = entry
  if (origin !== null) return { source: origin.kind, job: origin.kind === 'job' ? origin.job : null }
  return { source: sourceOfFormerRow(entry), job: null }
}

function sourceOfFormerRow({
  via,
  requestId,
  actor,
  namespace,
}: Pick<AuditEntry, 'via' | 'requestId' | 'actor' | 'namespace'>): ChangeSource {
  if (via) return 'engine'
  if (actor.userId === 'demo') return 'demo'
  if (requestId !== null) return 'console'
  // Changes of namespaces had no request id, even those from the console.
  return namespace !== null && actor.userId !== 'command-line' ? 'console' : 'server'
}
