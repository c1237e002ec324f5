import 'server-only'
import { AppError } from '@/lib/errors'
import { type Actor, actorFor, canEnter } from '@/server/auth/actor'
import { CONSOLE } from '@/server/auth/console'
import { findSearchCredentials, unsealOwnCredentials } from '@/server/credentials/own-credentials'
import { unsealSecrets } from '@/server/credentials/secrets'
import { findUserCredentials, type UserCredentials } from '@/server/db/catalog/connection-credentials'
import { type Connection, findConnectionByName, readConnections } from '@/server/db/catalog/connections'
import type { Database } from '@/server/db/database'
import type { CatalogClient, CatalogKind } from './port/catalog-client'
import type { WriteDecorator } from './port/catalog-write'
import type { CatalogServices } from './catalog-services'
import { embeddedCatalog } from './embedded/embedded-catalog'
import { TableLocks } from './embedded/table-locks'
import { ClientCache } from './client-cache'
import type { CatalogLabel } from '@/lib/contract/shapes/catalog-label'
import { openConnection, type ConnectionWithSecrets } from './open-connection'
import { LoadedMetadataCache } from './rest/loaded-metadata-cache'
import type { RetryPolicy } from './rest/http/retry'
import { type FilledFolder, restrictToGrantedFiles } from './decorators/restrict-to-granted-files'
import { restrictToGrants } from './decorators/restrict-to-grants'
import { withEndedProposals } from './decorators/with-ended-proposals'
import { withFactChanges } from './decorators/with-fact-changes'
import { withMovedGrants } from './decorators/with-moved-grants'
import { withReindexRequests } from './decorators/with-reindex-requests'
import { withAudit } from './decorators/with-audit'

/** A catalog's description, available without a request to it. */
export type CatalogSummary = {
  name: string
  kind: CatalogKind
  warehouse: string | null
  /** The label of its connection; absent without one. */
  label?: CatalogLabel
}

/**
 * `source` identifies the catalog and the credentials it is read with, and changes with its connection. `isPersonal`: the
 * user reads it with their own credentials, so an index that was read with other credentials does not apply.
 */
export type SearchSource = { catalog: string; source: string; isPersonal: boolean; reader: SearchReader }

/** The credentials that search reads a catalog with: none for ours, shared ones, ones for search only, or not at all. */
export type SearchReader = 'own' | 'shared' | 'search' | 'none'

/** Lakeshore's own catalog and those of connections. Their clients are cached between requests. */
export class Catalogs {
  readonly #services: CatalogServices
  readonly #clients = new ClientCache()
  readonly #locks = new TableLocks()
  readonly #metadataCache = new LoadedMetadataCache()

  constructor(services: CatalogServices) {
    this.#services = services
  }

  /**
   * Opens a catalog as this person may see it: Lakeshore's own, or that of a connection, with the person's own
   * credentials if they bound some. Lists contain only what the person's grants reach, and the audit records the
   * namespaces that they create, change or drop under their name.
   *
   * @param options.filled for a run that fills a folder before its table is there
   * @throws {AppError} not-found when it does not exist, with the same message when no grant reaches it;
   *   secrets-unreadable; otherwise as `requireOwnCredentials`
   */
  async open(name: string, actor: Actor, { filled }: { filled?: FilledFolder } = {}): Promise<CatalogClient> {
    if (!canEnter(actor, { catalog: name })) throw catalogNotFoundError(name)
    const opened = await this.#openAny(name, actor.userId)
    const recorded = decorateWrites(opened, [
      withAudit(opened, actor),
      ...(opened.kind === 'embedded' ? [withFactChanges()] : [withMovedGrants(name)]),
      withReindexRequests(name),
      withEndedProposals(name),
    ])
    return restrictToGrants(restrictToGrantedFiles(recorded, actor, filled), actor)
  }

  /**
   * Forgets that a catalog did not answer lately, so that a retry by a person reaches it at once. Does nothing when
   * this person has no cached client of the catalog.
   */
  async resetAvailability(name: string, actor: Actor): Promise<void> {
    const { config, database } = this.#services
    if (!canEnter(actor, { catalog: name }) || name === config.catalogName) return
    const connection = await findConnectionByName(database, name)
    if (connection === null || connection.name !== name) return
    const ownCredentials = await findBoundCredentials(database, connection, actor.userId)
    const { connectionId, version } = connection
    const client = await this.#clients.find({
      connectionId,
      version,
      credentialsId: ownCredentials?.credentialsId ?? null,
    })
    client?.availability?.reset()
  }

  /**
   * Opens a catalog as search reads it for the index: with the credentials that its connection has for that, otherwise
   * with the shared ones.
   *
   * @throws {AppError} as `open`
   */
  async openForSearch(name: string): Promise<CatalogClient> {
    const connection = name === this.#services.config.catalogName ? null : await this.#findConnection(name)
    if (connection === null || readerOf(connection) !== 'search') return this.open(name, actorFor(CONSOLE))
    const { connectionId, version, settings } = connection
    return this.#clients.get({ connectionId, version, credentialsId: 'search' }, () => {
      const secrets = unsealSecrets(this.#services.config, connection)
      return this.connect({ name, settings, secrets, own: findSearchCredentials(settings, secrets) })
    })
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
        ...(settings.label && { label: settings.label }),
      }),
    )
    return [{ name: catalogName, kind: 'embedded' as const, warehouse }, ...connectionSummaries]
      .filter(({ name }) => canEnter(actor, { catalog: name }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** How these catalogs can be searched, without a request to them. */
  async listSearchSources(actor: Actor): Promise<SearchSource[]> {
    const { config, database } = this.#services
    const connections = (await readConnections(database)).filter(({ name }) => canEnter(actor, { catalog: name }))
    const sources = await Promise.all(
      connections.map(async (connection): Promise<SearchSource> => {
        const { name: catalog, connectionId, version } = connection
        const reader = readerOf(connection)
        const isPersonal =
          reader === 'none' ||
          (reader === 'shared' && (await findBoundCredentials(database, connection, actor.userId)) !== null)
        // Readers with other credentials may see other things, so they do not share cached answers.
        const id = reader === 'search' ? `${connectionId}/search` : connectionId
        return { catalog, source: `${id} ${version}`, isPersonal, reader }
      }),
    )
    const own: SearchSource = { catalog: config.catalogName, source: 'embedded', isPersonal: false, reader: 'own' }
    return canEnter(actor, { catalog: own.catalog }) ? [own, ...sources] : sources
  }

  /** The names of these catalogs. */
  async listNames(actor: Actor): Promise<string[]> {
    return (await this.listSummaries(actor)).map(({ name }) => name)
  }

  async #openAny(name: string, userId: string): Promise<CatalogClient> {
    const { config, log, database, stores, metadataFiles } = this.#services
    if (name === config.catalogName) {
      const { warehouse } = config
      const locks = this.#locks
      return embeddedCatalog({ name, warehouse, database, store: stores.catalogStore(name), metadataFiles, locks, log })
    }
    const connection = await this.#findConnection(name)
    const ownCredentials = await requireOwnCredentials(database, connection, userId)
    const { connectionId, version } = connection
    return this.#clients.get({ connectionId, version, credentialsId: ownCredentials?.credentialsId ?? null }, () =>
      this.connect({
        name,
        settings: connection.settings,
        secrets: unsealSecrets(config, connection),
        own: ownCredentials && unsealOwnCredentials(config, connection, userId, ownCredentials),
      }),
    )
  }

  async #findConnection(name: string): Promise<Connection> {
    const connection = await findConnectionByName(this.#services.database, name)
    // The lookup ignores case, but grants, URLs and table references are case-sensitive.
    if (connection === null || connection.name !== name) throw catalogNotFoundError(name)
    return connection
  }

  /** Creates a client of a connection that may not be stored yet. It is not cached. */
  connect(connection: ConnectionWithSecrets, retryPolicy?: RetryPolicy): Promise<CatalogClient> {
    return openConnection({ ...this.#services, metadataCache: this.#metadataCache }, connection, retryPolicy)
  }
}

/** @param decorators the first one sees each write first */
function decorateWrites(catalog: CatalogClient, decorators: readonly WriteDecorator[]): CatalogClient {
  return { ...catalog, write: decorators.reduceRight((next, decorate) => decorate(next), catalog.write) }
}

/** @throws {AppError} credentials-required when the connection requires own credentials and the person has none */
async function requireOwnCredentials(
  database: Database,
  connection: Connection,
  userId: string,
): Promise<UserCredentials | null> {
  const ownCredentials = await findBoundCredentials(database, connection, userId)
  const { name, settings } = connection
  if (ownCredentials === null && settings.kind === 'rest' && settings.ownCredentials === 'required') {
    throw new AppError(
      'credentials-required',
      `${name} requires your own credentials. Add them under Settings, Account.`,
    )
  }
  return ownCredentials
}

function readerOf({ settings }: Connection): SearchReader {
  if (settings.kind !== 'rest') return 'shared'
  if (settings.searchCredentials) return 'search'
  return settings.ownCredentials === 'required' ? 'none' : 'shared'
}

/** The credentials that this person bound; null without any, or if the connection accepts none. */
async function findBoundCredentials(
  database: Database,
  { connectionId, settings }: Connection,
  userId: string,
): Promise<UserCredentials | null> {
  if (settings.kind !== 'rest' || settings.ownCredentials === 'off') return null
  return findUserCredentials(database, connectionId, userId)
}

function catalogNotFoundError(name: string): AppError {
  return new AppError('not-found', `There is no catalog named ${name} that you may see.`)
}
