import { afterAll, expect, it } from 'vitest'
import type { RestConnection } from '@/lib/contract/connections'
import { actorFor } from '@/server/auth/actor'
import { addConnection } from '@/server/connections/connections'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { KEYS, S3StandIn } from '@/testing/stores/s3-stand-in'
import { openLoadLocation } from './open-location'

const s3 = new S3StandIn()
const endpoint = await s3.start()
const home = createTestHome({
  LAKESHORE_LOAD_LOCATIONS: 'far@prod=s3://bucket/in, lost@none=s3://bucket/in, cloud@prod=gs://bucket/in',
})
afterAll(() => s3.stop())

const { signal } = new AbortController()

const REST: RestConnection = {
  kind: 'rest',
  uri: 'https://catalog.example/api',
  warehouse: null,
  prefix: null,
  auth: { kind: 'none' },
  headerNames: [],
  delegation: 'none',
  storage: {
    kind: 's3',
    roots: ['s3://bucket/tables'],
    endpoint,
    region: 'eu',
    isPathStyle: true,
    credentials: { kind: 'keys', accessKeyId: KEYS.accessKeyId },
  },
  mappings: [],
  ownCredentials: 'off',
}

it('A location is read with the credentials of its connection, within its own prefix', async () => {
  const actor = actorFor({ ...(await signInAs(home.services, 'admin')), role: 'admin' })
  const secrets = { storageSecretAccessKey: KEYS.secretAccessKey }
  await addConnection(home.services, { name: 'prod', settings: REST, secrets }, { actor, requestId: 'r' })
  s3.objects.set('bucket/in/a.csv', Buffer.from('id\n'))
  s3.objects.set('bucket/tables/t/data/secret.parquet', Buffer.from('x'))
  const files = await openLoadLocation(home.services, 'far')
  expect(await files.readVersion('a.csv', signal)).toMatchObject({ sizeBytes: 3 })
  expect(await files.listFolder('', { limit: 9, pageToken: null, signal })).toMatchObject({
    files: [{ name: 'a.csv' }],
  })
  await expect(files.readVersion('../tables/t/data/secret.parquet', signal)).rejects.toMatchObject({
    code: 'location-refused',
  })
  await expect(openLoadLocation(home.services, 'cloud')).rejects.toMatchObject({
    code: 'invalid-request',
    message: 'The connection prod has no credentials for this location. An admin can set them in its storage.',
  })
})

it('A location whose connection does not exist says so', async () => {
  await expect(openLoadLocation(home.services, 'lost')).rejects.toMatchObject({
    code: 'not-found',
    message: 'The location lost is read with the connection none, which does not exist.',
  })
})
