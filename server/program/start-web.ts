import 'server-only'
import { refuseGeneratedPasswordBeyondLoopback } from '@/server/auth/first-admin'
import { guardHome } from '@/server/home-guard'
import { watchForStop } from '@/server/lifecycle'
import type { Services } from '@/server/services'
import { requireSharedName } from '@/server/shared-name'
import { guardStart } from '@/server/start-guard'

/**
 * Before the web server answers its first request: settings that cannot be used end it here, with their names.
 *
 * @throws {ConfigError} {AppError} forbidden for a generated password on a network, database-damaged
 */
export async function startWeb(services: Services, stopping: AbortController): Promise<void> {
  const { config, log } = services
  const { homeDir, warehouse, catalogName, host, port } = config
  await requireSharedName(services)
  await guardStart(services)
  await refuseGeneratedPasswordBeyondLoopback(services)
  watchForStop(stopping, log)
  for (const finding of guardHome(config)) log.warning(finding)
  log.info('starting', { homeDir, warehouse, catalogName, host, port })
}
