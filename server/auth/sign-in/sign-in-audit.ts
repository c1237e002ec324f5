import 'server-only'
import { auditChange } from '@/server/db/audit'
import type { Change } from '@/server/db/database'

type Session = {
  user: { userId: string; username: string }
  requestId: string
  address: string | null
  /** The issuer of the identity provider that the user signed in with. */
  provider?: string
}

/** The audit row of a session that is opened or closed, to be committed with it. */
export function sessionAudit(action: 'sign-in' | 'sign-out', { user, requestId, address, provider }: Session): Change {
  const { userId, username } = user
  const state = { session: { address, ...(provider !== undefined && { provider }) } }
  return auditChange({
    actor: { userId, username, origin: { kind: 'console' } },
    action,
    before: action === 'sign-out' ? state : null,
    after: action === 'sign-in' ? state : null,
    requestId,
  })
}
