import 'server-only'
import { z } from 'zod'
import type { ConnectionAuth, OwnLogin, RestConnection } from '@/lib/contract/connections'
import { AppError } from '@/lib/errors'
import type { Actor } from '@/server/auth/actor'
import { mayEnter } from '@/server/catalog/seen-by'
import type { Config } from '@/server/config'
import {
  deleteOwnCredentials,
  findOwnCredentials,
  type OwnCredentials,
  putOwnCredentials,
} from '@/server/db/connection-credentials'
import { type Connection, findConnectionByName, readConnections } from '@/server/db/connections'
import type { Database } from '@/server/db/database'
import type { Services } from '@/server/services'
import { connectionAudit } from './connection-audit'
import type { By } from './connections'
import { openText, sealText } from './seal'

/** What one person logs in with. The secret stays on the server, as those of the connection do. */
export type OwnLoginSecret = { identity: string | null; secret: string }

type PersonalConnection = Connection & {
  settings: RestConnection & { auth: Exclude<ConnectionAuth, { kind: 'none' }> }
}

const stored = z.object({ identity: z.string().nullable(), secret: z.string() })

/** Catalogs the person may enter and log in to as themselves, in name order. */
export async function ownLogins(database: Database, actor: Actor): Promise<OwnLogin[]> {
  const logins: OwnLogin[] = []
  for (const connection of await readConnections(database)) {
    if (!isPersonal(connection) || !mayEnter(actor, { catalog: connection.name })) continue
    const { auth, ownCredentials } = connection.settings
    const bound = await findOwnCredentials(database, connection.connectionId, actor.userId)
    logins.push({
      catalog: connection.name,
      authKind: auth.kind,
      isRequired: ownCredentials === 'required',
      boundAtMs: bound?.boundAtMs ?? null,
    })
  }
  return logins
}

/** @throws {AppError} not-found, not-supported where nobody logs in as themselves, invalid-request */
export async function bindOwnCredentials(
  services: Pick<Services, 'config' | 'database'>,
  catalog: string,
  login: OwnLoginSecret,
  by: By,
): Promise<void> {
  const { connectionId, name, settings } = await requirePersonal(services.database, catalog, by.actor)
  if (settings.auth.kind !== 'bearer' && login.identity === null) {
    throw new AppError('invalid-request', `${name} wants to know who logs in, not only the secret.`)
  }
  const { userId } = by.actor
  const sealed = sealText(services.config, JSON.stringify(login), { connectionId, field: 'own', userId })
  await putOwnCredentials(services.database, { connectionId, userId, sealed }, [
    connectionAudit('bind-own-credentials', by, { before: null, after: { name } }),
  ])
}

/** @throws {AppError} not-found, not-supported */
export async function forgetOwn(database: Database, catalog: string, by: By): Promise<void> {
  const { connectionId, name } = await requirePersonal(database, catalog, by.actor)
  await deleteOwnCredentials(database, { connectionId, userId: by.actor.userId }, [
    connectionAudit('forget-own-credentials', by, { before: { name }, after: null }),
  ])
}

/** What somebody bound, open. @throws {AppError} secrets-unreadable */
export function openOwnCredentials(
  config: Pick<Config, 'sealingKey'>,
  { connectionId, name }: Connection,
  userId: string,
  { sealed }: OwnCredentials,
): OwnLoginSecret {
  return stored.parse(JSON.parse(openText(config, sealed, { connectionId, field: 'own', userId }, name)))
}

async function requirePersonal(database: Database, catalog: string, actor: Actor): Promise<PersonalConnection> {
  const connection = await findConnectionByName(database, catalog)
  if (connection === null || !mayEnter(actor, { catalog: connection.name })) {
    throw new AppError('not-found', `There is no catalog named ${catalog}.`)
  }
  if (!isPersonal(connection)) {
    throw new AppError('not-supported', `Nobody logs in to ${connection.name} with credentials of their own.`)
  }
  return connection
}

function isPersonal(connection: Connection): connection is PersonalConnection {
  const { settings } = connection
  return settings.kind === 'rest' && settings.ownCredentials !== 'off' && settings.auth.kind !== 'none'
}
