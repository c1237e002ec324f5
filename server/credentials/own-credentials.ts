import 'server-only'
import * as z from 'zod'
import type { ConnectionAuth, ConnectionSettings, OwnCredentials, RestConnection } from '@/lib/contract/connections'
import { AppError } from '@/lib/errors'
import { type Actor, canEnter } from '@/server/auth/actor'
import type { Config } from '@/server/config/config'
import {
  deleteUserCredentials,
  findUserCredentials,
  type UserCredentials,
  saveUserCredentials,
} from '@/server/db/catalog/connection-credentials'
import { type Connection, findConnectionByName, readConnections } from '@/server/db/catalog/connections'
import type { Database } from '@/server/db/database'
import type { AuthServices } from '@/server/auth/auth-services'
import { type ChangeContext, connectionAudit } from '@/server/credentials/connection-audit'
import { unsealText, sealText } from '@/server/credentials/seal'
import { SEARCH_SECRET, type Secrets } from './secrets'

/** The credentials of one user. The secret stays on the server, like those of the connection. */
export type OwnCredentialsSecret = { identity: string | null; secret: string }

type PersonalConnection = Connection & {
  settings: RestConnection & { auth: Exclude<ConnectionAuth, { kind: 'none' }> }
}

const storedSecret = z.object({ identity: z.string().nullable(), secret: z.string() })

/** Catalogs that the user may enter and log in to with their own credentials, ordered by name. */
export async function listOwnCredentials(database: Database, actor: Actor): Promise<OwnCredentials[]> {
  const logins: OwnCredentials[] = []
  for (const connection of await readConnections(database)) {
    if (!isPersonal(connection) || !canEnter(actor, { catalog: connection.name })) continue
    const { auth, ownCredentials } = connection.settings
    const binding = await findUserCredentials(database, connection.connectionId, actor.userId)
    logins.push({
      catalog: connection.name,
      authKind: auth.kind,
      isRequired: ownCredentials === 'required',
      storedAtMs: binding?.storedAtMs ?? null,
    })
  }
  return logins
}

/** @throws {AppError} not-found, not-supported when the connection allows no own credentials, invalid-request */
export async function bindOwnCredentials(
  services: Pick<AuthServices, 'config' | 'database'>,
  catalog: string,
  login: OwnCredentialsSecret,
  context: ChangeContext,
): Promise<void> {
  const { connectionId, name, settings } = await requirePersonalConnection(services.database, catalog, context.actor)
  if (settings.auth.kind !== 'bearer' && login.identity === null) {
    throw new AppError('invalid-request', `${name} requires a user name or client id in addition to the secret.`)
  }
  const { userId } = context.actor
  const sealed = sealText(services.config, JSON.stringify(login), { connectionId, field: 'own', userId })
  await saveUserCredentials(services.database, { connectionId, userId, sealed }, [
    connectionAudit('bind-own-credentials', context, { before: null, after: { name } }),
  ])
}

/** @throws {AppError} not-found, not-supported */
export async function unbindOwnCredentials(database: Database, catalog: string, context: ChangeContext): Promise<void> {
  const { connectionId, name } = await requirePersonalConnection(database, catalog, context.actor)
  await deleteUserCredentials(database, { connectionId, userId: context.actor.userId }, [
    connectionAudit('forget-own-credentials', context, { before: { name }, after: null }),
  ])
}

/** Unseals a user's own credentials. @throws {AppError} secrets-unreadable */
export function unsealOwnCredentials(
  config: Pick<Config, 'sealingKey'>,
  { connectionId, name }: Connection,
  userId: string,
  { sealed }: UserCredentials,
): OwnCredentialsSecret {
  return storedSecret.parse(JSON.parse(unsealText(config, sealed, { connectionId, field: 'own', userId }, name)))
}

/** The credentials with which search reads a catalog whose users have their own, or null. */
export function findSearchCredentials(settings: ConnectionSettings, secrets: Secrets): OwnCredentialsSecret | null {
  if (settings.kind !== 'rest' || !settings.searchCredentials) return null
  return { identity: settings.searchCredentials.identity, secret: secrets[SEARCH_SECRET] ?? '' }
}

async function requirePersonalConnection(
  database: Database,
  catalog: string,
  actor: Actor,
): Promise<PersonalConnection> {
  const connection = await findConnectionByName(database, catalog)
  if (connection === null || !canEnter(actor, { catalog: connection.name })) {
    throw new AppError('not-found', `There is no catalog named ${catalog} that you may see.`)
  }
  if (!isPersonal(connection)) {
    throw new AppError('not-supported', `${connection.name} does not allow users to have their own credentials.`)
  }
  return connection
}

function isPersonal(connection: Connection): connection is PersonalConnection {
  const { settings } = connection
  return settings.kind === 'rest' && settings.ownCredentials !== 'off' && settings.auth.kind !== 'none'
}
