import 'server-only'
import { refuseGeneratedPasswordBeyondLoopback } from '@/server/auth/first-admin'
import { config } from '@/server/config'
import { guardHome } from '@/server/home-guard'
import { watchForStop } from '@/server/lifecycle'
import { logInfo, logWarning } from '@/server/log'
import { requireSharedName } from '@/server/shared-name'
import { guardStart } from '@/server/start-guard'

/**
 * Before the web server answers its first request: settings that cannot be used end it here, with their names.
 *
 * @throws {ConfigError} {AppError} forbidden for a generated password on a network, database-damaged
 */
export async function startWeb(): Promise<void> {
  const { homeDir, warehouse, catalogName, host, port } = config()
  await requireSharedName()
  await guardStart()
  await refuseGeneratedPasswordBeyondLoopback()
  watchForStop()
  for (const finding of guardHome()) logWarning(finding)
  logInfo('starting', { homeDir, warehouse, catalogName, host, port })
}
