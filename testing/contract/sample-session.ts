import type { Session } from '@/lib/contract/session'
import { ROLE_PERMISSIONS, type Role } from '@/lib/permissions'

/** For tests: the session of a user with a role on everything. */
export function sampleSession(role: Role, fields: Partial<Session> = {}): Session {
  return {
    userId: 'u1',
    username: 'ada',
    role,
    permissions: [...ROLE_PERMISSIONS[role]],
    grants: [],
    expiresAtMs: Date.UTC(2100, 0),
    hasGeneratedPassword: false,
    hasPassword: true,
    ...fields,
  }
}
