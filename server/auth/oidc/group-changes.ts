import 'server-only'
import type { OidcSettings } from '@/server/config/oidc-settings'
import { auditChange } from '@/server/db/audit'
import type { Change, Database } from '@/server/db/database'
import { readProviderGroups, replaceProviderGroups } from '@/server/db/auth/provider-groups'
import type { User } from '@/server/db/auth/users'
import type { ProviderPerson } from './provider-person'

/** The changes that put the user into the groups that the provider names now, with their audit row. */
export async function groupChanges(
  database: Database,
  { name }: OidcSettings,
  { user, person, requestId }: { user: User; person: ProviderPerson; requestId: string },
): Promise<Change[]> {
  const before = await readProviderGroups(database, user.userId)
  const after = person.groups ?? []
  if (JSON.stringify(before) === JSON.stringify(after)) return []
  const about = { user: { username: user.username, role: user.role ?? 'none' } }
  return [
    ...replaceProviderGroups(user.userId, after, name),
    auditChange({
      actor: { userId: 'identity-provider', username: name },
      action: 'change-provider-groups',
      before: { ...about, providerGroups: before },
      after: { ...about, providerGroups: after },
      requestId,
    }),
  ]
}
