import { afterAll, expect, test } from 'vitest'
import { KEYS, S3StandIn } from '@/testing/stores/s3-stand-in'
import { createTestHome } from '@/testing/homes/test-home'
import { describeWarehouse } from '@/testing/conformance/warehouse'
import { ReadinessProbe } from './readiness'

const s3 = new S3StandIn()
const home = createTestHome({
  LAKESHORE_WAREHOUSE: 's3://lake/wh',
  LAKESHORE_S3_ENDPOINT: await s3.start(),
  LAKESHORE_S3_ACCESS_KEY_ID: KEYS.accessKeyId,
  LAKESHORE_S3_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
})
afterAll(() => s3.stop())

describeWarehouse(home)

test('A warehouse whose bucket does not answer is not ready', async () => {
  s3.faultFor = () => ({ kind: 'answer', status: 403, code: 'AccessDenied' })
  expect(await new ReadinessProbe(home.services).check()).toMatchObject({
    ready: false,
    checks: { warehouse: 'failed' },
  })
})
