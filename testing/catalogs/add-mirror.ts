import type { Actor } from '@/server/auth/actor'
import { addConnection } from '@/server/connections/connections'
import type { TestHome } from '@/testing/homes/test-home'
import type { RestListener } from './rest-listener'

type S3Access = { roots: string[]; endpoint: string; accessKeyId: string; secretAccessKey: string }

/**
 * Connects the home's own catalog to itself over REST, so that each of its tables can be reached in two ways.
 *
 * @param options.storage where files are read through it, too: in the home's warehouse, or in a bucket
 */
export async function addMirror(
  { services, config }: Pick<TestHome, 'services' | 'config'>,
  {
    name,
    listener,
    token,
    admin,
    storage,
  }: { name: string; listener: RestListener; token: string; admin: Actor; storage?: 'local' | S3Access },
): Promise<void> {
  const settings = {
    kind: 'rest' as const,
    uri: listener.uri,
    warehouse: config.catalogName,
    prefix: null,
    auth: { kind: 'bearer' as const },
    headerNames: [],
    delegation: 'none' as const,
    storage:
      storage === 'local'
        ? { kind: 'local' as const, roots: [config.warehouse] }
        : storage
          ? toS3Storage(storage)
          : null,
    mappings: [],
    ownCredentials: 'off' as const,
  }
  await addConnection(
    services,
    {
      name,
      settings,
      secrets: { token, ...(typeof storage === 'object' && { storageSecretAccessKey: storage.secretAccessKey }) },
    },
    { actor: admin, requestId: 'r' },
  )
}

function toS3Storage({ roots, endpoint, accessKeyId }: S3Access) {
  return {
    kind: 's3' as const,
    roots,
    endpoint,
    region: 'us-east-1',
    isPathStyle: true,
    credentials: { kind: 'keys' as const, accessKeyId },
  }
}
