import 'server-only'
import { AppError } from '@/lib/errors'
import type { Actor } from '@/server/auth/actor'
import { unsealOwnCredentials } from '@/server/connections/own-credentials'
import { unsealSecrets } from '@/server/connections/secrets'
import { findUserCredentials, type UserCredentials } from '@/server/db/catalog/connection-credentials'
import { type Connection, findConnectionByName, readConnections } from '@/server/db/catalog/connections'
import type { Database } from '@/server/db/database'
import type { CatalogClient, CatalogKind } from './catalog-client'
import type { CatalogServices } from './catalog-services'
import { embeddedCatalog } from './embedded/embedded-catalog'
import { TableLocks } from './embedded/table-locks'
import { ClientCache } from './client-cache'
import { openConnection, type ConnectionWithSecrets } from './open-connection'
import { LoadedMetadataCache } from './rest/loaded-metadata-cache'
import type { RetryPolicy } from './rest/http/retry'
import { restrictToGrants, canEnter } from './restrict-to-grants'
import { withNamespaceAudit } from './with-namespace-audit'

/** What is known of a catalog without asking it. */
export type CatalogSummary = { name: string; kind: CatalogKind; warehouse: string | null }

/** Lakeshore's own catalog and those of connections, with their clients, which are kept from request to request. */
export class Catalogs {
  readonly #services: CatalogServices
  readonly #clients = new ClientCache()
  readonly #locks = new TableLocks()
  readonly #metadataCache = new LoadedMetadataCache()

  constructor(services: CatalogServices) {
    this.#services = services
  }

  /**
   * A catalog as this person may see it: Lakeshore's own, or that of a connection, with their own credentials where they
   * bound some. What is listed is what a grant of theirs reaches, and namespaces they make or drop are told of in the
   * audit under their name.
   *
   * @throws {AppError} not-found when it is not there, and in the same words when no grant reaches it; forbidden when one
   *   has to log in to it as oneself and did not; secrets-unreadable
   */
  async open(name: string, actor: Actor): Promise<CatalogClient> {
    if (!canEnter(actor, { catalog: name })) throw catalogNotFound(name)
    return restrictToGrants(withNamespaceAudit(await this.#openAny(name, actor), actor), actor)
  }

  /**
   * Forgets that a catalog was silent a moment ago, so that a person who tries again has it asked at once. A catalog that
   * this person has no open client of was not silent for them.
   */
  async resetAvailability(name: string, actor: Actor): Promise<void> {
    const { config, database } = this.#services
    if (!canEnter(actor, { catalog: name }) || name === config.catalogName) return
    const connection = await findConnectionByName(database, name)
    if (connection === null || connection.name !== name) return
    const ownCredentials = await findBoundCredentials(database, connection, actor)
    const { connectionId, version } = connection
    const client = await this.#clients.find({
      connectionId,
      version,
      credentialsId: ownCredentials?.credentialsId ?? null,
    })
    client?.availability?.reset()
  }

  /** Catalogs this person may enter, in name order. */
  async listSummaries(actor: Actor): Promise<CatalogSummary[]> {
    const { config, database } = this.#services
    const { catalogName, warehouse } = config
    const connections = await readConnections(database)
    const connectionSummaries = connections.map(
      ({ name, settings }): CatalogSummary => ({
        name,
        kind: settings.kind,
        warehouse: settings.kind === 'rest' ? settings.warehouse : null,
      }),
    )
    return [{ name: catalogName, kind: 'embedded' as const, warehouse }, ...connectionSummaries]
      .filter(({ name }) => canEnter(actor, { catalog: name }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Their names alone. */
  async listNames(actor: Actor): Promise<string[]> {
    return (await this.listSummaries(actor)).map(({ name }) => name)
  }

  async #openAny(name: string, actor: Actor): Promise<CatalogClient> {
    const { config, log, database, stores, metadataFiles } = this.#services
    if (name === config.catalogName) {
      const { warehouse } = config
      const locks = this.#locks
      return embeddedCatalog({ name, warehouse, database, store: stores.catalogStore(name), metadataFiles, locks, log })
    }
    const connection = await findConnectionByName(database, name)
    // Names are found without regard to case; grants, addresses and table references are compared letter by letter.
    if (connection === null || connection.name !== name) throw catalogNotFound(name)
    const ownCredentials = await requireOwnCredentials(database, connection, actor)
    const { connectionId, version } = connection
    return this.#clients.get({ connectionId, version, credentialsId: ownCredentials?.credentialsId ?? null }, () =>
      this.connect({
        name,
        settings: connection.settings,
        secrets: unsealSecrets(config, connection),
        own: ownCredentials && unsealOwnCredentials(config, connection, actor.userId, ownCredentials),
      }),
    )
  }

  /** The client of a connection that may not be stored yet; nobody else is given it. */
  connect(connection: ConnectionWithSecrets, retryPolicy?: RetryPolicy): Promise<CatalogClient> {
    return openConnection({ ...this.#services, metadataCache: this.#metadataCache }, connection, retryPolicy)
  }
}

/** @throws {AppError} credentials-required where the connection lets nobody in but as themselves */
async function requireOwnCredentials(
  database: Database,
  connection: Connection,
  actor: Actor,
): Promise<UserCredentials | null> {
  const ownCredentials = await findBoundCredentials(database, connection, actor)
  const { name, settings } = connection
  if (ownCredentials === null && settings.kind === 'rest' && settings.ownCredentials === 'required') {
    throw new AppError(
      'credentials-required',
      `${name} wants everybody to log in as themselves. Give yours under Settings, Account.`,
    )
  }
  return ownCredentials
}

/** Those that this person bound; null where there are none, or the connection takes none. */
async function findBoundCredentials(
  database: Database,
  { connectionId, settings }: Connection,
  actor: Actor,
): Promise<UserCredentials | null> {
  if (settings.kind !== 'rest' || settings.ownCredentials === 'off') return null
  return findUserCredentials(database, connectionId, actor.userId)
}

function catalogNotFound(name: string): AppError {
  return new AppError('not-found', `There is no catalog named ${name}.`)
}
