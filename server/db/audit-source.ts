import 'server-only'
import type { ChangeSource } from '@/lib/contract/shapes/change-origin'
import type { AuditEntry } from './audit'

/** Where a change came from. */
export function readSource({ origin }: Pick<AuditEntry, 'origin'>): { source: ChangeSource; job: string | null } {
  if (origin === null) return { source: 'server', job: null }
  return { source: origin.kind, job: origin.kind === 'job' ? origin.job : null }
}
