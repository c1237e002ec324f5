import 'server-only'
import type { AuditReceiverView } from '@/lib/contract/audit-receivers'
import { countEntriesAfter, readReceivers } from '@/server/db/audit-receivers'
import type { Services } from '@/server/services'
import { configuredReceivers } from './forward-audit'

/** Beyond this the page says *more than*. */
const MAX_COUNTED = 10_000

/** How far the audit was forwarded to each configured receiver. */
export async function readAuditReceivers(
  services: Pick<Services, 'config' | 'database' | 'keys' | 'log'>,
): Promise<AuditReceiverView[]> {
  const { config, database } = services
  const known = new Map((await readReceivers(database)).map((one) => [one.name, one]))
  return Promise.all(
    configuredReceivers(config).map(async ({ name, target }) => {
      const receiver = known.get(name)
      const waiting = receiver
        ? await countEntriesAfter(database, receiver.position, MAX_COUNTED + 1)
        : { count: 0, oldestAtMs: null }
      return {
        name,
        target,
        waitingCount: Math.min(waiting.count, MAX_COUNTED),
        hasMore: waiting.count > MAX_COUNTED,
        oldestWaitingAtMs: waiting.oldestAtMs,
        deliveredAtMs: receiver?.deliveredAtMs ?? null,
        failure: receiver?.failure
          ? { sinceMs: receiver.failure.sinceMs, count: receiver.failure.count, error: receiver.failure.error }
          : null,
      }
    }),
  )
}
