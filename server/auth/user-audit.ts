import 'server-only'
import type { Role } from '@/lib/permissions'
import { auditChange } from '@/server/db/audit'
import type { Change } from '@/server/db/database'

type UserState = { username: string; role: Role | null; displayName?: string | null; isService?: boolean }
type UserChange = {
  action:
    | 'add-user'
    | 'change-password'
    | 'change-role'
    | 'disable-user'
    | 'enable-user'
    | 'remove-user'
    | 'rename-user'
  actor: { userId: string; username: string }
  before: UserState | null
  after: UserState | null
  requestId: string | null
}

/** The audit row of a change to the users, to be committed with the change. */
export function userAudit({ action, actor, before, after, requestId }: UserChange): Change {
  const state = ({ username, role, displayName = null, isService = false }: UserState) => ({
    user: {
      username,
      role: role ?? 'none',
      ...(displayName !== null && { displayName }),
      ...(isService && { isService }),
    },
  })
  return auditChange({
    actor,
    action,
    before: before && state(before),
    after: after && state(after),
    requestId,
  })
}
