import { afterAll } from 'vitest'
import { startS3Server } from '@/testing/stores/s3-server'
import { createTestHome } from '@/testing/homes/test-home'
import { describeWarehouse } from '@/testing/conformance/warehouse'

const server = await startS3Server()
afterAll(() => server?.stop())

if (server) {
  const home = createTestHome({
    LAKESHORE_WAREHOUSE: `s3://${server.bucket}/wh`,
    LAKESHORE_S3_ENDPOINT: server.endpoint,
    LAKESHORE_S3_ACCESS_KEY_ID: server.accessKeyId,
    LAKESHORE_S3_SECRET_ACCESS_KEY: server.secretAccessKey,
  })
  describeWarehouse(home)
}
