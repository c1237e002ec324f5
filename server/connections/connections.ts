import 'server-only'
import { removedFactCatalogChanges, renamedFactCatalogChanges } from '@/server/db/facts/renamed-catalog'
import type { Config } from '@/server/config/config'
import type { Database } from '@/server/db/database'
import type { ConnectionEntry, ConnectionSettings } from '@/lib/contract/connections'
import { AppError } from '@/lib/errors'
import { deleteConnectionCredentials } from '@/server/db/catalog/connection-credentials'
import {
  type Connection,
  deleteConnection,
  findConnection,
  insertConnection,
  newConnectionId,
  readConnections,
  updateConnection,
} from '@/server/db/catalog/connections'
import type { LakeServices } from '@/server/catalog/lake-services'
import { normalizeSettings } from './normalize-settings'
import { type ChangeContext, connectionAudit } from '@/server/credentials/connection-audit'
import { loginDestination, type Secrets, sealSecrets, resolveSecrets } from '@/server/credentials/secrets'

/** A connection as an admin enters it, with only those secrets that are new. */
export type ConnectionForm = { name: string; settings: ConnectionSettings; secrets: Secrets }

/** The limit protects memory, which holds each connection's client, tokens and listing. */
const MAX_CONNECTIONS = 100

/** All connections without their secrets, ordered by name. */
export async function listConnectionEntries(database: Database): Promise<ConnectionEntry[]> {
  return (await readConnections(database)).map(toConnectionEntry)
}

/** @throws {AppError} not-found */
export async function requireConnection(database: Database, connectionId: string): Promise<Connection> {
  const connection = await findConnection(database, connectionId)
  if (connection === null) throw new AppError('not-found', 'There is no such connection.')
  return connection
}

export function toConnectionEntry({ sealed, ...publicFields }: Connection): ConnectionEntry {
  return { ...publicFields, storedSecrets: Object.keys(sealed).sort() }
}

/** @throws {AppError} already-exists for the name, invalid-request and forbidden for the settings */
export async function addConnection(
  services: Pick<LakeServices, 'config' | 'database'>,
  form: ConnectionForm,
  context: ChangeContext,
): Promise<string> {
  refuseEmbeddedName(services.config, form.name)
  const database = services.database
  if ((await readConnections(database)).length >= MAX_CONNECTIONS) {
    throw new AppError('invalid-request', `There are already ${MAX_CONNECTIONS} connections; remove one first.`)
  }
  const connectionId = newConnectionId()
  const settings = normalizeSettings(services.config, form.settings)
  const secrets = resolveSecrets(services.config, settings, form.secrets, null)
  await insertConnection(
    database,
    {
      connectionId,
      name: form.name,
      settings,
      sealed: sealSecrets(services.config, connectionId, secrets),
      editedBy: context.actor.username,
    },
    [
      connectionAudit('add-connection', context, {
        before: null,
        after: { name: form.name, settings, changedSecrets: Object.keys(secrets) },
      }),
    ],
  )
  return connectionId
}

/**
 * Replaces a connection that is still at `version`. Users' own credentials are deleted when they would be sent to
 * another address or the kind of login changes, because they were entered for the old settings.
 *
 * @throws {AppError} as `addConnection`, and version-conflict, not-found
 */
export async function changeConnection(
  services: Pick<LakeServices, 'config' | 'database'>,
  connectionId: string,
  form: ConnectionForm & { version: number },
  context: ChangeContext,
): Promise<number> {
  refuseEmbeddedName(services.config, form.name)
  const before = await requireConnection(services.database, connectionId)
  const settings = normalizeSettings(services.config, form.settings)
  const secrets = resolveSecrets(services.config, settings, form.secrets, before)
  await updateConnection(
    services.database,
    {
      connectionId,
      name: form.name,
      settings,
      sealed: sealSecrets(services.config, connectionId, secrets),
      editedBy: context.actor.username,
    },
    form.version,
    [
      ...renamedFactCatalogChanges(before.name, form.name),
      ...(canKeepOwnCredentials(before.settings, settings) ? [] : [deleteConnectionCredentials(connectionId)]),
      connectionAudit('change-connection', context, {
        before: { name: before.name, settings: before.settings },
        after: { name: form.name, settings, changedSecrets: Object.keys(form.secrets) },
      }),
    ],
  )
  return form.version + 1
}

/** @throws {AppError} not-found, invalid-request when the confirmed name is another one */
export async function removeConnection(
  database: Database,
  connectionId: string,
  confirmedName: string,
  context: ChangeContext,
): Promise<void> {
  const { name, settings } = await requireConnection(database, connectionId)
  if (confirmedName !== name) throw new AppError('invalid-request', `Type ${name} to remove this connection.`)
  await deleteConnection(database, connectionId, [
    ...removedFactCatalogChanges(name, connectionId),
    connectionAudit('remove-connection', context, { before: { name, settings }, after: null }),
  ])
}

function canKeepOwnCredentials(before: ConnectionSettings, after: ConnectionSettings): boolean {
  if (before.kind !== 'rest' || after.kind !== 'rest' || after.ownCredentials === 'off') return false
  return loginDestination(before.uri, before.auth) === loginDestination(after.uri, after.auth)
}

function refuseEmbeddedName(config: Config, name: string): void {
  if (name.toLowerCase() === config.catalogName.toLowerCase()) {
    throw new AppError('already-exists', `${name} is the name of Lakeshore’s own catalog. Choose another name.`)
  }
}
