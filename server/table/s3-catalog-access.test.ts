import { expect, it } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { actorFor } from '@/server/auth/actor'
import { catalogAccess } from './catalog-access'

const home = createTestHome({
  LAKESHORE_WAREHOUSE: 's3://lake/wh',
  LAKESHORE_S3_ENDPOINT: 'http://s3.example.com:9000',
  LAKESHORE_S3_REGION: 'eu-west-1',
  LAKESHORE_S3_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  LAKESHORE_S3_SECRET_ACCESS_KEY: 'the-secret-of-the-warehouse',
})

const ADMIN = actorFor({ userId: 'u', username: 'ann', role: 'admin' })

it('tells engines to request signatures from the embedded catalog when its warehouse is a bucket, and contains no key', async () => {
  const access = catalogAccess(home.config, await openTestCatalog(home.services), 's3://lake/wh/demo/t', ADMIN)
  expect(access).toMatchObject({
    rest: { delegation: 'remote-signing' },
    database: { warehouse: 's3://lake/wh' },
    s3: { endpoint: 'http://s3.example.com:9000', region: 'eu-west-1', isPathStyle: true },
  })
  expect(JSON.stringify(access)).not.toMatch(/AKID|the-secret/)
})
