import 'server-only'
import { refuseGeneratedPasswordOnNetwork } from '@/server/auth/sign-in/first-admin'
import { secureHome } from '@/server/config/secure-home'
import { abortOnStopSignal } from '@/server/startup/lifecycle'
import type { Services } from '@/server/services'
import { requireSharedSettings } from '@/server/startup/shared-settings'
import { requireMatchingWarehouse } from '@/server/startup/matching-warehouse'
import { waitForDatabase, createLogListener } from '@/server/startup/wait-for-database'

/**
 * Runs before the web server answers its first request. Invalid settings end the start, with their names. A database
 * that cannot be reached is waited for.
 *
 * @returns whether to serve; false when the process was stopped while it waited
 * @throws {ConfigError} {AppError} forbidden for a generated password on a network, database-damaged
 */
export async function startWeb(services: Services, stopping: AbortController): Promise<boolean> {
  const { config, log } = services
  const { homeDir, warehouse, catalogName, host, port } = config
  abortOnStopSignal(stopping, log)
  const { signal } = stopping
  if (!(await waitForDatabase(services, { listener: createLogListener(log), signal }))) return false
  await requireMatchingWarehouse(services)
  await requireSharedSettings(services)
  await refuseGeneratedPasswordOnNetwork(services)
  for (const finding of secureHome(config)) log.warning(finding)
  log.info('starting', { homeDir, warehouse, catalogName, host, port })
  return true
}
