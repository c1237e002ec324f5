import 'server-only'
import { actorFor } from '@/server/auth/actor'
import { CONSOLE } from '@/server/auth/console'
import type { SearchSource } from '@/server/catalog/catalogs'
import type { Change } from '@/server/db/database'
import {
  type FactCatalog,
  factCatalogChange,
  readFactCatalogs,
  removedFactCatalogChange,
} from '@/server/db/facts/fact-catalogs'
import { readHeldLeases, releasedLeaseChange, takeLeases } from '@/server/db/facts/leases'
import type { Services } from '@/server/services'
import { CatalogPoll, type PollServices } from './catalog-poll'
import { EtagCache } from './etag-cache'

export type OtherCatalogsServices = PollServices & Pick<Services, 'config'>

/** Renewed with each step. */
const LEASE_MS = 60_000

type RunningPoll = { source: string; poll: CatalogPoll; stop: AbortController; ended: Promise<void> }

/**
 * The catalogs of connections, whose tables are polled with the credentials that search has. Each is polled by one
 * process at a time: a process takes half of the catalogs that no other one has, again and again, so that processes
 * which start together share them. Each poll runs on its own, so no catalog waits for another one.
 */
export class OtherCatalogs {
  readonly #services: OtherCatalogsServices
  readonly #owner: string
  readonly #etags = new EtagCache()
  readonly #running = new Map<string, RunningPoll>()

  /** @param owner of the leases */
  constructor(services: OtherCatalogsServices, owner: string) {
    this.#services = services
    this.#owner = owner
  }

  /** Renews the leases, stores how current the catalogs are, and begins to poll further ones. */
  async step(signal: AbortSignal): Promise<void> {
    const { catalogs, database } = this.#services
    const sources = await catalogs.listSearchSources(actorFor(CONSOLE))
    const polled = sources.filter(({ reader }) => reader === 'shared' || reader === 'search')
    const released = await this.#stopOutdated(polled)
    await this.#renew([...released, ...(await this.#findStatusChanges(sources))])
    const held = await readHeldLeases(database)
    const free = polled.filter(({ catalog }) => !this.#running.has(catalog) && !held.has(leaseOf(catalog)))
    const share = shuffle(free).slice(0, Math.ceil(free.length / 2))
    if (share.length === 0) return
    const taken = new Set(await this.#takeLeases(share.map(({ catalog }) => catalog)))
    for (const source of share) if (taken.has(source.catalog)) this.#start(source, signal)
  }

  /** Ends all polls, and gives the leases back. */
  async stop(): Promise<void> {
    const names = [...this.#running.keys()]
    const reports = this.#reports()
    await Promise.all(names.map((name) => this.#end(name)))
    if (names.length === 0) return
    const leases = names.map((name) => releasedLeaseChange(leaseOf(name), this.#owner))
    await this.#services.database.commit([...leases, ...reports])
  }

  /** Ends polls of deleted connections, and of those whose settings have changed. */
  async #stopOutdated(polled: readonly SearchSource[]): Promise<Change[]> {
    const current = new Map(polled.map(({ catalog, source }) => [catalog, source]))
    const outdated = [...this.#running].filter(([name, { source }]) => current.get(name) !== source)
    await Promise.all(outdated.map(([name]) => this.#end(name)))
    return outdated.map(([name]) => releasedLeaseChange(leaseOf(name), this.#owner))
  }

  async #renew(alongside: readonly Change[]): Promise<void> {
    const names = [...this.#running.keys()]
    const changes = [...this.#reports(), ...alongside]
    if (names.length === 0 && changes.length === 0) return
    const kept = new Set(await this.#takeLeases(names, changes))
    await Promise.all(names.filter((name) => !kept.has(name)).map((name) => this.#end(name)))
  }

  async #takeLeases(names: readonly string[], alongside: readonly Change[] = []): Promise<string[]> {
    const options = { owner: this.#owner, leaseMs: LEASE_MS }
    const taken = new Set(await takeLeases(this.#services.database, names.map(leaseOf), options, alongside))
    return names.filter((name) => taken.has(leaseOf(name)))
  }

  #reports(): Change[] {
    return [...this.#running.values()].flatMap(({ poll }) => {
      const report = poll.report()
      return report === null ? [] : [factCatalogChange(report)]
    })
  }

  /** Removes what is stored of deleted connections, and stores why others cannot be polled. */
  async #findStatusChanges(sources: readonly SearchSource[]): Promise<Change[]> {
    const { database } = this.#services
    const stored = new Map((await readFactCatalogs(database)).map((one) => [one.catalog, one]))
    const names = new Set(sources.map(({ catalog }) => catalog))
    const removed = [...stored.keys()].filter((name) => !names.has(name)).map(removedFactCatalogChange)
    const personal = sources
      .filter(
        ({ reader, catalog }) => reader === 'none' && stored.get(catalog)?.problem?.code !== 'credentials-required',
      )
      .map(({ catalog }) => factCatalogChange(withoutCredentials(catalog, database.nowMs())))
    return [...removed, ...personal]
  }

  #start({ catalog, source }: SearchSource, signal: AbortSignal): void {
    const stop = new AbortController()
    const poll = new CatalogPoll(this.#services, catalog, this.#etags)
    this.#running.set(catalog, { source, poll, stop, ended: poll.run(AbortSignal.any([signal, stop.signal])) })
  }

  async #end(name: string): Promise<void> {
    const running = this.#running.get(name)
    this.#running.delete(name)
    running?.stop.abort()
    await running?.ended
  }
}

function withoutCredentials(catalog: string, nowMs: number): FactCatalog {
  const detail = `Users read ${catalog} with their own credentials, and its connection has none for search, which the history needs, too.`
  return {
    catalog,
    polledAtMs: nowMs,
    answeredAtMs: null,
    completeAtMs: null,
    listedAtMs: null,
    tableCount: null,
    unreadCount: 0,
    lateCount: 0,
    isTruncated: false,
    problem: { code: 'credentials-required', detail },
  }
}

/** Not only the name: a catalog may be named like other work. */
function leaseOf(catalog: string): string {
  return `facts of ${catalog}`
}

function shuffle<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item)
}
