import 'server-only'
import pMap from 'p-map'
import * as z from 'zod'
import { AppError, TRANSIENT_DATABASE_CODES } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import { joinNamespace, type Namespace, namespaceLabel, splitNamespace } from '@/lib/names/identifiers'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { actorFor } from '@/server/auth/actor'
import { CONSOLE } from '@/server/auth/console'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { indexedCatalogChange, readIndexedCatalogs, removeIndexedCatalog } from '@/server/db/search/indexed-catalogs'
import { listIndexedObjects, readIndexedNames } from '@/server/db/search/indexed-objects'
import {
  newPendingVersion,
  type PendingObject,
  pendingObjectChange,
  type SearchObjectName,
} from '@/server/db/search/pending-objects'
import type { Run } from '@/server/db/jobs/runs'
import type { RunContext, RunKind } from '@/server/jobs/run-kind'
import type { Services } from '@/server/services'
import { indexObject } from './index-object'
import { queueCrawl } from './crawl-queue'
import { Pace } from './pace'

/**
 * Reads a catalog for the search index: changed objects, and removed ones. Objects are marked before they are read, as
 * after a write, so that an older reading does not replace a newer commit.
 */

const MAX_NAMESPACES = 50_000
const MAX_OBJECTS = 200_000
const BATCH_SIZE = 50
const CONCURRENCY = 4
/** Requests a second to a catalog behind a network, so that a crawl never burdens it. */
const MAX_LOADS_PER_SECOND = 50
/** After a crash other workers index the marked objects. */
const OWN_MS = 2 * 60_000

const crawlSpec = z.object({ catalog: z.string(), source: z.string() })
const crawlJournal = z.object({ after: z.string().nullable() })

type CrawlServices = Pick<Services, 'catalogs' | 'database' | 'log'>

export function crawlRuns(services: CrawlServices): RunKind<'index-catalog'> {
  return {
    maxConcurrent: 2,
    keepsJournal: true,
    retryOn: [...TRANSIENT_DATABASE_CODES, 'catalog-unavailable'],
    work: (run, context) => new Crawl(services, run, context).run(),
    // The next attempt continues after the last namespace in the journal.
    settle: async () => null,
    tidy: async () => {},
  }
}

/** Queues a crawl of each catalog. */
export function crawlLakeRuns(services: CrawlServices): RunKind<'index-lake'> {
  return {
    maxConcurrent: 1,
    retryOn: TRANSIENT_DATABASE_CODES,
    async work(run) {
      const sources = await services.catalogs.listSearchSources(actorFor(CONSOLE))
      const indexed = sources.filter(({ isPersonal }) => !isPersonal)
      for (const source of indexed) await queueCrawl(services, source, run.actor)
      return { catalogs: indexed.length }
    },
    settle: async () => null,
    tidy: async () => {},
  }
}

class Crawl {
  readonly #services: CrawlServices
  readonly #context: RunContext<'index-catalog'>
  readonly #spec: z.output<typeof crawlSpec>
  /** The namespace that an earlier attempt read last. */
  readonly #resumeAfter: Namespace | null
  readonly #namespaces = new Set<string>()
  #pace: Pace | null = null
  #seenCount = 0
  #readCount = 0
  #unreadableCount = 0
  #isTruncated = false

  constructor(services: CrawlServices, run: Run, context: RunContext<'index-catalog'>) {
    this.#services = services
    this.#context = context
    this.#spec = crawlSpec.parse(run.spec)
    const after = run.journal === null ? null : crawlJournal.parse(run.journal).after
    this.#resumeAfter = after === null ? null : splitNamespace(after)
  }

  async run(): Promise<JsonObject> {
    const { catalog: name, source } = this.#spec
    const catalog = await this.#services.catalogs.openForSearch(name)
    if (catalog.kind !== 'embedded') this.#pace = new Pace(MAX_LOADS_PER_SECOND)
    await this.#forgetUnknown()
    await this.#visitChildren(catalog, null)
    if (!this.#isTruncated) await this.#visitMissingNamespaces()
    await this.#services.database.commit([
      indexedCatalogChange({ catalog: name, source, isTruncated: this.#isTruncated }),
    ])
    const { log } = this.#context
    log(
      `${formatQuantity(this.#namespaces.size, 'namespace')} and ${formatQuantity(this.#seenCount, 'table or view', 'tables and views')} listed, ${this.#readCount} of them read.`,
    )
    if (this.#unreadableCount > 0)
      log(`${formatQuantity(this.#unreadableCount, 'namespace')} could not be listed.`, 'warning')
    if (this.#isTruncated) log('The catalog exceeds the limit of a crawl, so search does not find the rest.', 'warning')
    return {
      listed: this.#seenCount,
      read: this.#readCount,
      ...(this.#unreadableCount > 0 && { unreadable: this.#unreadableCount }),
      isTruncated: this.#isTruncated,
    }
  }

  /** A first crawl removes the objects of an unfinished one, perhaps of another connection with that name. */
  async #forgetUnknown(): Promise<void> {
    const { database } = this.#services
    const { catalog } = this.#spec
    const isKnown = (await readIndexedCatalogs(database)).some((indexed) => indexed.catalog === catalog)
    if (!isKnown && this.#resumeAfter === null) await removeIndexedCatalog(database, catalog)
  }

  /** Depth first, ordered by name, so that one namespace records the progress of the crawl. */
  async #visitChildren(catalog: CatalogClient, parent: Namespace | null): Promise<void> {
    const { signal } = this.#context
    const children = await catalog.listNamespaces(parent, { signal })
    const ordered = children.toSorted((a, b) => compareLevels(a, b))
    for (const namespace of ordered) {
      if (this.#namespaces.size >= MAX_NAMESPACES || this.#seenCount >= MAX_OBJECTS) {
        this.#isTruncated = true
        return
      }
      this.#namespaces.add(joinNamespace(namespace))
      const isDone = this.#resumeAfter !== null && compareLevels(namespace, this.#resumeAfter) <= 0
      if (!isDone) await this.#tryVisit(catalog, namespace)
      await this.#visitChildren(catalog, namespace)
    }
  }

  async #tryVisit(catalog: CatalogClient, namespace: Namespace): Promise<void> {
    try {
      await this.#visitNamespace(catalog, namespace)
    } catch (error) {
      if (!(error instanceof AppError) || (error.code !== 'forbidden' && error.code !== 'not-found')) throw error
      this.#unreadableCount += 1
      this.#context.log(`${namespaceLabel(namespace)}: ${error.message}`, 'warning')
    }
    await this.#context.saveJournal({ after: joinNamespace(namespace) })
  }

  async #visitNamespace(catalog: CatalogClient, namespace: Namespace): Promise<void> {
    const { signal } = this.#context
    const indexed = await readIndexedNames(this.#services.database, catalog.name, namespace)
    const listed = await this.#listVersions(catalog, namespace)
    this.#seenCount += listed.length
    const toObject = (name: string | null): SearchObjectName => ({ catalog: catalog.name, namespace, name })
    const changed = listed.filter(
      ({ name, metadataLocation }) => metadataLocation === undefined || indexed.get(name) !== metadataLocation,
    )
    const names = new Set(listed.map(({ name }) => name))
    const missing = [...indexed.keys()].filter((name) => name !== '' && !names.has(name))
    const objects = [toObject(null), ...[...changed.map(({ name }) => name), ...missing].map(toObject)]
    for (let first = 0; first < objects.length; first += BATCH_SIZE) {
      signal.throwIfAborted()
      await this.#indexBatch(objects.slice(first, first + BATCH_SIZE))
      this.#report()
    }
  }

  /** Without a location, only loading an object shows whether it has changed. */
  async #listVersions(
    catalog: CatalogClient,
    namespace: Namespace,
  ): Promise<{ name: string; metadataLocation?: string | null }[]> {
    if (catalog.listVersions) return catalog.listVersions(namespace)
    const { signal } = this.#context
    const [tables, views] = await Promise.all([
      catalog.listTables(namespace, { signal }),
      catalog.listViews(namespace, { signal }),
    ])
    return [...tables.map(({ table }) => ({ name: table })), ...views.map(({ view }) => ({ name: view }))]
  }

  async #indexBatch(objects: readonly SearchObjectName[]): Promise<void> {
    const marked = objects.map((object): PendingObject => ({ ...object, version: newPendingVersion(), attempts: 0 }))
    await this.#services.database.commit(
      marked.map((object) => pendingObjectChange(object, { version: object.version, dueInMs: OWN_MS })),
    )
    await pMap(
      marked,
      async (object) => {
        await this.#pace?.next(this.#context.signal)
        await indexObject(this.#services, object, this.#context.signal)
        this.#readCount += object.name === null ? 0 : 1
      },
      { concurrency: CONCURRENCY },
    )
  }

  /** Namespaces that are indexed and were not listed. */
  async #visitMissingNamespaces(): Promise<void> {
    const { catalog } = this.#spec
    let after: { namespace: string; name: string } | null = null
    for (;;) {
      const page: { namespace: string; name: string }[] = await listIndexedObjects(this.#services.database, catalog, {
        after,
        limit: 1_000,
      })
      const missing = page.filter(({ namespace }) => !this.#namespaces.has(namespace))
      for (let first = 0; first < missing.length; first += BATCH_SIZE) {
        const batch = missing.slice(first, first + BATCH_SIZE)
        await this.#indexBatch(
          batch.map(({ namespace, name }) => ({
            catalog,
            namespace: splitNamespace(namespace),
            name: name === '' ? null : name,
          })),
        )
      }
      after = page.at(-1) ?? null
      if (page.length < 1_000) return
    }
  }

  #report(): void {
    this.#context.report({
      phase: 'reading',
      done: this.#seenCount,
      total: null,
      unit: 'objects',
      counters: { objectsIndexed: this.#readCount },
    })
  }
}

function compareLevels(a: Namespace, b: Namespace): number {
  const [one, other] = [joinNamespace(a), joinNamespace(b)]
  if (one === other) return 0
  return one < other ? -1 : 1
}
