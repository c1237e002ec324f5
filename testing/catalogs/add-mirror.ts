import type { Actor } from '@/server/auth/actor'
import { addConnection } from '@/server/connections/connections'
import type { TestHome } from '@/testing/homes/test-home'
import type { RestListener } from './rest-listener'

/**
 * Connects the home's own catalog to itself over REST, so that each of its tables can be reached in two ways.
 *
 * @param options.hasStorage whether files can be read through it, too
 */
export async function addMirror(
  { services, config }: Pick<TestHome, 'services' | 'config'>,
  {
    name,
    listener,
    token,
    admin,
    hasStorage = false,
  }: { name: string; listener: RestListener; token: string; admin: Actor; hasStorage?: boolean },
): Promise<void> {
  const settings = {
    kind: 'rest' as const,
    uri: listener.uri,
    warehouse: config.catalogName,
    prefix: null,
    auth: { kind: 'bearer' as const },
    headerNames: [],
    delegation: 'none' as const,
    storage: hasStorage ? { kind: 'local' as const, roots: [config.warehouse] } : null,
    mappings: [],
    ownCredentials: 'off' as const,
  }
  await addConnection(services, { name, settings, secrets: { token } }, { actor: admin, requestId: 'r' })
}
