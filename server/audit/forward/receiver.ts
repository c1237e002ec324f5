import 'server-only'
import type { AuditEntryView } from '@/lib/contract/audit'

/** Where the audit is forwarded to. */
export type Receiver = {
  name: 'webhook' | 'syslog'
  /** Its host for display, without secrets. */
  target: string
  /**
   * Delivers entries in their order. When it resolves, the receiver has all of them, as far as the protocol can say.
   *
   * @throws any error: the same entries are delivered again
   */
  deliver: (entries: readonly AuditEntryView[], signal: AbortSignal) => Promise<void>
}
