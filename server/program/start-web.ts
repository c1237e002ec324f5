import 'server-only'
import { refuseGeneratedPasswordBeyondLoopback } from '@/server/auth/first-admin'
import { guardHome } from '@/server/home-guard'
import { watchForStop } from '@/server/lifecycle'
import type { Services } from '@/server/services'
import { requireSharedSettings } from '@/server/shared-settings'
import { guardStart } from '@/server/start-guard'
import { waitForDatabase, waitInLog } from '@/server/wait-for-database'

/**
 * Before the web server answers its first request: settings that cannot be used end it here, with their names, and a
 * database that cannot be reached is waited for.
 *
 * @returns whether to serve; false when the process was stopped while it waited
 * @throws {ConfigError} {AppError} forbidden for a generated password on a network, database-damaged
 */
export async function startWeb(services: Services, stopping: AbortController): Promise<boolean> {
  const { config, log } = services
  const { homeDir, warehouse, catalogName, host, port } = config
  watchForStop(stopping, log)
  const { signal } = stopping
  if (!(await waitForDatabase(services, { listener: waitInLog(log), signal }))) return false
  await guardStart(services)
  await requireSharedSettings(services)
  await refuseGeneratedPasswordBeyondLoopback(services)
  for (const finding of guardHome(config)) log.warning(finding)
  log.info('starting', { homeDir, warehouse, catalogName, host, port })
  return true
}
