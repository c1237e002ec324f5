import 'server-only'
import { AppError } from '@/lib/errors'
import type { Actor } from '@/server/auth/actor'
import { config } from '@/server/config'
import { openOwnCredentials } from '@/server/connections/own-credentials'
import { openSecrets } from '@/server/connections/secrets'
import { findOwnCredentials, type OwnCredentials } from '@/server/db/connection-credentials'
import { type Connection, findConnectionByName, readConnections } from '@/server/db/connections'
import { openDatabase } from '@/server/db/open-database'
import { openStore } from '@/server/storage/open-store'
import type { CatalogClient, CatalogKind } from './catalog-client'
import { embeddedCatalog } from './embedded/embedded-catalog'
import { TableTurns } from './embedded/turns'
import { KeptClients } from './kept-clients'
import { connectedCatalog } from './open-connection'
import { asSeenBy, mayEnter } from './seen-by'
import { withNamespaceAudit } from './with-namespace-audit'

const clients = new KeptClients()
const turns = new TableTurns()

/**
 * A catalog as this person may see it: Lakeshore's own, or that of a connection, with their own credentials where they
 * bound some. What is listed is what a grant of theirs reaches, and namespaces they make or drop are told of in the
 * audit under their name.
 *
 * @throws {AppError} not-found when it is not there, and in the same words when no grant reaches it; forbidden when one
 *   has to log in to it as oneself and did not; secrets-unreadable
 */
export async function openCatalog(name: string, actor: Actor): Promise<CatalogClient> {
  if (!mayEnter(actor, { catalog: name })) throw notThere(name)
  return asSeenBy(withNamespaceAudit(await openAnyCatalog(name, actor), actor), actor)
}

/**
 * Forgets that a catalog was silent a moment ago, so that a person who tries again has it asked at once. A catalog that
 * this person has no open client of was not silent for them.
 */
export async function forgetSilence(name: string, actor: Actor): Promise<void> {
  if (!mayEnter(actor, { catalog: name }) || name === config().catalogName) return
  const connection = await findConnectionByName(openDatabase(), name)
  if (connection === null || connection.name !== name) return
  const own = await boundCredentialsOf(connection, actor)
  const { connectionId, version } = connection
  const client = await clients.find({ connectionId, version, credentialsId: own?.credentialsId ?? null })
  client?.contact?.forget()
}

/** What is known of a catalog without asking it. */
export type CatalogSign = { name: string; kind: CatalogKind; warehouse: string | null }

/** Catalogs this person may enter, in name order. */
export async function catalogSigns(actor: Actor): Promise<CatalogSign[]> {
  const { catalogName, warehouse } = config()
  const connections = await readConnections(openDatabase())
  const connected = connections.map(
    ({ name, settings }): CatalogSign => ({
      name,
      kind: settings.kind,
      warehouse: settings.kind === 'rest' ? settings.warehouse : null,
    }),
  )
  return [{ name: catalogName, kind: 'embedded' as const, warehouse }, ...connected]
    .filter(({ name }) => mayEnter(actor, { catalog: name }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Their names alone. */
export async function catalogNames(actor: Actor): Promise<string[]> {
  return (await catalogSigns(actor)).map(({ name }) => name)
}

async function openAnyCatalog(name: string, actor: Actor): Promise<CatalogClient> {
  const { catalogName, warehouse } = config()
  if (name === catalogName) {
    return embeddedCatalog({ name, warehouse, database: openDatabase(), store: openStore(name), turns })
  }
  const connection = await findConnectionByName(openDatabase(), name)
  // Names are found without regard to case; grants, addresses and table references are compared letter by letter.
  if (connection === null || connection.name !== name) throw notThere(name)
  const own = await ownCredentialsOf(connection, actor)
  const { connectionId, version } = connection
  return clients.get({ connectionId, version, credentialsId: own?.credentialsId ?? null }, () =>
    connectedCatalog({
      name,
      settings: connection.settings,
      secrets: openSecrets(connection),
      own: own && openOwnCredentials(connection, actor.userId, own),
    }),
  )
}

/** @throws {AppError} own-login-wanted where the connection lets nobody in but as themselves */
async function ownCredentialsOf(connection: Connection, actor: Actor): Promise<OwnCredentials | null> {
  const own = await boundCredentialsOf(connection, actor)
  const { name, settings } = connection
  if (own === null && settings.kind === 'rest' && settings.ownCredentials === 'required') {
    throw new AppError(
      'own-login-wanted',
      `${name} wants everybody to log in as themselves. Give yours under Settings, Account.`,
    )
  }
  return own
}

/** Those that this person bound; null where there are none, or the connection takes none. */
async function boundCredentialsOf(
  { connectionId, settings }: Connection,
  actor: Actor,
): Promise<OwnCredentials | null> {
  if (settings.kind !== 'rest' || settings.ownCredentials === 'off') return null
  return findOwnCredentials(openDatabase(), connectionId, actor.userId)
}

function notThere(name: string): AppError {
  return new AppError('not-found', `There is no catalog named ${name}.`)
}
