import * as z from 'zod'
import { endpoint } from './endpoint'
import { contractSchemas } from './shapes/schemas'
import { count, instantMs } from './shapes/wire'

/** A system outside that the audit is forwarded to, and how far. */
const auditReceiver = z
  .object({
    name: z.enum(['webhook', 'syslog']),
    /** Its host. */
    target: z.string(),
    /** Entries that it has not got; `hasMore`: more than these. */
    waitingCount: count,
    hasMore: z.boolean(),
    oldestWaitingAtMs: instantMs.nullable(),
    deliveredAtMs: instantMs.nullable(),
    /** The failed attempts since the last delivery. */
    failure: z.object({ sinceMs: instantMs, count, error: z.string() }).nullable(),
  })
  .register(contractSchemas, { id: 'AuditReceiver' })
export type AuditReceiverView = z.output<typeof auditReceiver>

export const listAuditReceivers = endpoint({
  summary: 'Lists the systems that the audit is forwarded to, and how far',
  description: 'The operator configures them. Entries are forwarded in their order, each at least once.',
  method: 'GET',
  path: '/api/v1/audit/receivers',
  permission: 'audit:read',
  resources: () => [{}],
  input: z.object({}),
  output: z.object({ receivers: z.array(auditReceiver).max(2) }),
})
