import 'server-only'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { readMissingMigrations, probeRead, probeWrite } from '@/server/db/health'
import type { Services } from '@/server/services'
import { findSharedSettingDifferences } from '@/server/startup/shared-settings'

const CHECKS = {
  database: checkDatabase,
  migrations: checkMigrations,
  settings: checkSettings,
  warehouse: checkWarehouse,
}
type Check = keyof typeof CHECKS
type ReadinessServices = Pick<Services, 'config' | 'database' | 'log' | 'stopping' | 'stores'>

export type Readiness = { ready: boolean; checks: Record<Check | 'process', 'ok' | 'failed' | 'stopping'> }

/** Anybody may ask, and a probe writes to disk: what was found holds this long. */
const CACHE_MS = 2_000
/** A probe waits no longer for the database or a storage elsewhere; its answer is then that it is not ready. */
const CHECK_TIMEOUT_MS = 5_000

const STOPPING: Readiness = {
  ready: false,
  checks: {
    process: 'stopping',
    database: 'stopping',
    migrations: 'stopping',
    settings: 'stopping',
    warehouse: 'stopping',
  },
}

/** Whether requests can be served here now, looked up at most every two seconds. */
export class ReadinessProbe {
  readonly #services: ReadinessServices
  readonly #checkTimeoutMs: number
  #last: { readiness: Promise<Readiness>; untilMs: number } | null = null

  constructor(services: ReadinessServices, { checkTimeoutMs = CHECK_TIMEOUT_MS } = {}) {
    this.#services = services
    this.#checkTimeoutMs = checkTimeoutMs
  }

  /** Why requests cannot be served is in the log, not in the answer. */
  check(nowMs = Date.now()): Promise<Readiness> {
    // Nothing else matters then, and a check could wait for what the process is waiting for itself.
    if (this.#services.stopping.aborted) return Promise.resolve(STOPPING)
    if (!this.#last || this.#last.untilMs <= nowMs) {
      this.#last = { readiness: runChecks(this.#services, this.#checkTimeoutMs), untilMs: nowMs + CACHE_MS }
    }
    return this.#last.readiness
  }

  /** For a load balancer: 200 when requests can be served here. */
  async response(): Promise<Response> {
    const found = await this.check()
    return Response.json(found, { status: found.ready ? 200 : 503, headers: { 'cache-control': 'no-store' } })
  }
}

async function runChecks(services: ReadinessServices, checkTimeoutMs: number): Promise<Readiness> {
  const results = await Promise.all(
    Object.entries(CHECKS).map(async ([name, run]) => {
      try {
        await withTimeout(checkTimeoutMs, run(services))
        return [name, 'ok'] as const
      } catch (error) {
        services.log.error(error, { check: name })
        return [name, 'failed'] as const
      }
    }),
  )
  const checks = Object.fromEntries([['process', 'ok'] as const, ...results]) as Readiness['checks']
  return { ready: Object.values(checks).every((state) => state === 'ok'), checks }
}

async function checkDatabase({ database }: ReadinessServices): Promise<void> {
  await probeRead(database)
  await probeWrite(database)
}

async function checkMigrations({ database }: ReadinessServices): Promise<void> {
  const missing = await readMissingMigrations(database)
  if (missing.length > 0) throw new Error(`not applied: ${missing.join(', ')}`)
}

/** A process that was not restarted when the secrets were rotated refuses what the others give out, and they its. */
async function checkSettings(services: ReadinessServices): Promise<void> {
  const differing = await findSharedSettingDifferences(services)
  if (differing.length > 0) throw new Error(`not those of the other processes: ${differing.join(', ')}`)
}

/** In a bucket only that it can be listed: a probe that is written would stay among the tables' files. */
async function checkWarehouse({ config, stores }: ReadinessServices): Promise<void> {
  const { warehouse, storage, catalogName } = config
  if (storage.kind === 'local') {
    await access(stores.localPath(warehouse), constants.R_OK | constants.W_OK | constants.X_OK)
    return
  }
  await stores.catalogStore(catalogName).hasFiles(warehouse)
}

/** What is still under way then ends by itself, and nobody reads how. */
async function withTimeout(timeoutMs: number, work: Promise<void>): Promise<void> {
  const finished = new AbortController()
  const timeout = wait(timeoutMs, 'too long', { ref: false, signal: finished.signal })
  try {
    const first = await Promise.race([work, timeout])
    if (first === 'too long') throw new Error(`The check did not end within ${timeoutMs} ms.`)
  } finally {
    timeout.catch(() => {}) // it is stopped here, which rejects it
    finished.abort()
  }
}
