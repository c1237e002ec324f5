import type { Actor } from '@/server/auth/actor'
import { addConnection } from '@/server/connections/connections'
import type { TestHome } from '@/testing/homes/test-home'
import type { RestListener } from './rest-listener'

type S3Access = { roots: string[]; endpoint: string; accessKeyId: string; secretAccessKey: string }

/** Connects the home's own catalog to itself over REST, so that each of its tables can be reached in two ways. */
export async function addMirror(
  { services, config }: Pick<TestHome, 'services' | 'config'>,
  {
    name,
    listener,
    token,
    admin,
    s3,
  }: { name: string; listener: RestListener; token: string; admin: Actor; s3?: S3Access },
): Promise<void> {
  const settings = {
    kind: 'rest' as const,
    uri: listener.uri,
    warehouse: config.catalogName,
    prefix: null,
    auth: { kind: 'bearer' as const },
    headerNames: [],
    delegation: 'none' as const,
    storage: s3
      ? {
          kind: 's3' as const,
          roots: s3.roots,
          endpoint: s3.endpoint,
          region: 'us-east-1',
          isPathStyle: true,
          credentials: { kind: 'keys' as const, accessKeyId: s3.accessKeyId },
        }
      : null,
    mappings: [],
    ownCredentials: 'off' as const,
  }
  await addConnection(
    services,
    { name, settings, secrets: { token, ...(s3 && { storageSecretAccessKey: s3.secretAccessKey }) } },
    { actor: admin, requestId: 'r' },
  )
}
