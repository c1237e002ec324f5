import { afterAll, describe } from 'vitest'
import { startS3Server } from '@/testing/stores/s3-server'
import { createTestHome } from '@/testing/homes/test-home'
import { describeWarehouse } from '@/testing/conformance/warehouse'

const server = await startS3Server()
afterAll(() => server?.stop())

describe.skipIf(server === null)('On an S3 server (skipped if it is not available)', () => {
  if (server === null) return
  const home = createTestHome({
    LAKESHORE_WAREHOUSE: `s3://${server.bucket}/wh`,
    LAKESHORE_S3_ENDPOINT: server.endpoint,
    LAKESHORE_S3_ACCESS_KEY_ID: server.accessKeyId,
    LAKESHORE_S3_SECRET_ACCESS_KEY: server.secretAccessKey,
  })
  describeWarehouse(home)
})
