import 'server-only'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { readMissingMigrations, probeRead, probeWrite } from '@/server/db/health'
import type { Services } from '@/server/services'
import { findSharedSettingDifferences } from '@/server/startup/shared-settings'
import { clock } from '@/server/timing/clock'

const CHECKS = {
  database: checkDatabase,
  migrations: checkMigrations,
  settings: checkSettings,
  warehouse: checkWarehouse,
}
type Check = keyof typeof CHECKS
type ReadinessServices = Pick<Services, 'config' | 'database' | 'log' | 'stopping' | 'stores'>

export type Readiness = { ready: boolean; checks: Record<Check | 'process', 'ok' | 'failed' | 'stopping'> }

/** Anyone may call this, and each check writes to disk: a result is cached this long. */
const CACHE_MS = 2_000
/** A check waits no longer for the database or a remote storage; after that the result is "not ready". */
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

/** Whether this process can serve requests, checked at most every two seconds. */
export class ReadinessProbe {
  readonly #services: ReadinessServices
  readonly #checkTimeoutMs: number
  #last: { readiness: Promise<Readiness>; untilMs: number } | null = null

  constructor(services: ReadinessServices, { checkTimeoutMs = CHECK_TIMEOUT_MS } = {}) {
    this.#services = services
    this.#checkTimeoutMs = checkTimeoutMs
  }

  /** The reason why requests cannot be served is logged, not returned. */
  check(nowMs = clock.nowMs()): Promise<Readiness> {
    // A stopping process is not ready, and a check could wait for something that the process itself waits for.
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
  if (missing.length > 0) throw new Error(`migrations not applied: ${missing.join(', ')}`)
}

/** A process that was not restarted after the secrets were rotated rejects tokens of the others, and vice versa. */
async function checkSettings(services: ReadinessServices): Promise<void> {
  const differing = await findSharedSettingDifferences(services)
  if (differing.length > 0) throw new Error(`settings that differ from the other processes: ${differing.join(', ')}`)
}

/** Only lists a bucket: a file written as a probe would stay among the tables' files. */
async function checkWarehouse({ config, stores }: ReadinessServices): Promise<void> {
  const { warehouse, storage, catalogName } = config
  if (storage.kind === 'local') {
    await access(stores.localPath(warehouse), constants.R_OK | constants.W_OK | constants.X_OK)
    return
  }
  await stores.catalogStore(catalogName).hasFiles(warehouse)
}

/** After a timeout the work continues, and its result is ignored. */
async function withTimeout(timeoutMs: number, work: Promise<void>): Promise<void> {
  const timeout = Promise.withResolvers<never>()
  const timer = clock
    .after(timeoutMs, () => timeout.reject(new Error(`The check did not end within ${timeoutMs} ms.`)))
    .unref()
  try {
    await Promise.race([work, timeout.promise])
  } finally {
    timer.cancel()
  }
}
