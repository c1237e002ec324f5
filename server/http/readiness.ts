import 'server-only'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { config } from '@/server/config'
import { missingMigrations, probeRead, probeWrite } from '@/server/db/health'
import { openDatabase } from '@/server/db/open-database'
import { isStopping } from '@/server/lifecycle'
import { logError } from '@/server/log'
import { localPath, openStore } from '@/server/storage/open-store'

const CHECKS = { database: databaseUsable, migrations: migrationsApplied, warehouse: warehouseUsable }
type Check = keyof typeof CHECKS

export type Readiness = { ready: boolean; checks: Record<Check | 'process', 'ok' | 'failed' | 'stopping'> }

/** Anybody may ask, and a probe writes to disk: what was found holds this long. */
const KEPT_MS = 2_000
/** A probe waits no longer for a storage elsewhere; its answer is then that it is not ready. */
const LONGEST_CHECK_MS = 5_000

const STOPPING: Readiness = {
  ready: false,
  checks: { process: 'stopping', database: 'stopping', migrations: 'stopping', warehouse: 'stopping' },
}

let kept: { readiness: Promise<Readiness>; untilMs: number } | null = null

/** Whether requests can be served here now. Why not is in the log, not in the answer. */
export function readiness(nowMs = Date.now()): Promise<Readiness> {
  // Nothing else matters then, and a check could wait for what the process is waiting for itself.
  if (isStopping()) return Promise.resolve(STOPPING)
  if (!kept || kept.untilMs <= nowMs) kept = { readiness: check(), untilMs: nowMs + KEPT_MS }
  return kept.readiness
}

/** For a load balancer: 200 when requests can be served here. */
export async function readinessResponse(): Promise<Response> {
  const found = await readiness()
  return Response.json(found, { status: found.ready ? 200 : 503, headers: { 'cache-control': 'no-store' } })
}

async function check(): Promise<Readiness> {
  const results = await Promise.all(
    Object.entries(CHECKS).map(async ([name, run]) => {
      try {
        await run()
        return [name, 'ok'] as const
      } catch (error) {
        logError(error, { check: name })
        return [name, 'failed'] as const
      }
    }),
  )
  const checks = Object.fromEntries([['process', 'ok'] as const, ...results]) as Readiness['checks']
  return { ready: Object.values(checks).every((state) => state === 'ok'), checks }
}

async function databaseUsable(): Promise<void> {
  await probeRead(openDatabase())
  await probeWrite(openDatabase())
}

async function migrationsApplied(): Promise<void> {
  const missing = await missingMigrations(openDatabase())
  if (missing.length > 0) throw new Error(`not applied: ${missing.join(', ')}`)
}

/** In a bucket only that it can be listed: a probe that is written would stay among the tables' files. */
async function warehouseUsable(): Promise<void> {
  const { warehouse, storage, catalogName } = config()
  if (storage.kind === 'local') {
    await access(localPath(warehouse), constants.R_OK | constants.W_OK | constants.X_OK)
    return
  }
  const tooLong = wait(LONGEST_CHECK_MS, 'too long', { ref: false })
  const found = await Promise.race([openStore(catalogName).hasFiles(warehouse), tooLong])
  if (found === 'too long') throw new Error(`the storage did not answer within ${LONGEST_CHECK_MS} ms`)
}
