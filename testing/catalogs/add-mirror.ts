import type { Actor } from '@/server/auth/actor'
import { addConnection } from '@/server/connections/connections'
import type { TestHome } from '@/testing/homes/test-home'
import type { RestListener } from './rest-listener'

/**
 * Connects the home's own catalog to itself over REST, so that each of its tables can be reached in two ways.
 *
 * @param options.roots folders of files that the connection may read and write, within `LAKESHORE_LOCAL_ROOTS`
 */
export async function addMirror(
  { services, config }: Pick<TestHome, 'services' | 'config'>,
  options: { name: string; listener: RestListener; token: string; admin: Actor; roots?: string[] },
): Promise<void> {
  const { name, listener, token, admin, roots } = options
  const settings = {
    kind: 'rest' as const,
    uri: listener.uri,
    warehouse: config.catalogName,
    prefix: null,
    auth: { kind: 'bearer' as const },
    headerNames: [],
    delegation: 'none' as const,
    storage: roots ? { kind: 'local' as const, roots } : null,
    mappings: [],
    ownCredentials: 'off' as const,
  }
  await addConnection(services, { name, settings, secrets: { token } }, { actor: admin, requestId: 'r' })
}
