import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { quoteString } from '@/lib/sql/quote-identifier'
import { createTestHome } from '@/testing/homes/test-home'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installDuckdb, openDuckdb } from '@/testing/peers/install-duckdb'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { ICEBERG_AWS, SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import { openPyiceberg, openSpark } from '@/testing/peers/shared/open-peer'
import { startS3Server } from '@/testing/stores/s3-server'

/**
 * Clients with keys of their own that request vended credentials, as DuckDB and PyIceberg do by default. The config of a
 * table says nothing about the store, so the clients have its address from the config of the catalog.
 */

const jars = await installOrSkip('Iceberg for Spark with AWS', () => fetchJars([SPARK_RUNTIME, ICEBERG_AWS]))
const spark = installPyspark()
const python = installPyiceberg()
const duckdb = installDuckdb()
const s3 = jars === null || spark === null || python === null ? null : await startS3Server()

describe.skipIf(s3 === null)('A warehouse in S3 (skipped when an S3 server, PyIceberg or Spark is unavailable)', () => {
  const store = s3!
  const home = createTestHome({
    LAKESHORE_WAREHOUSE: `s3://${store?.bucket}/wh`,
    LAKESHORE_S3_ENDPOINT: store?.endpoint,
    LAKESHORE_S3_REGION: store?.region,
    LAKESHORE_S3_ACCESS_KEY_ID: store?.accessKeyId,
    LAKESHORE_S3_SECRET_ACCESS_KEY: store?.secretAccessKey,
  })
  let listener: RestListener
  let access: Record<string, string>

  beforeAll(async () => {
    listener = await startRestListener(home.services)
    access = {
      uri: listener.uri,
      token: await createRestTokenAs(home.services, 'editor'),
      's3.access-key-id': store.accessKeyId,
      's3.secret-access-key': store.secretAccessKey,
    }
  })
  afterAll(async () => {
    await listener?.stop()
    await store.stop()
  })

  test('is written and read by PyIceberg, which has only keys and the address of the catalog', async () => {
    const session = openPyiceberg(access)
    try {
      const code = `
import pyarrow
catalog.create_namespace('own')
table = catalog.create_table('own.of_pyiceberg', pyarrow.schema([('id', pyarrow.int64())]))
table.append(pyarrow.table({'id': [1, 2]}))
answer = [sorted(catalog.load_table('own.of_pyiceberg').scan().to_arrow()['id'].to_pylist()), dict(table.config)]`
      expect(await session.request({ code })).toEqual([[1, 2], {}])
    } finally {
      await session.stop()
    }
  })

  test.skipIf(duckdb === null)(
    'is written and read by DuckDB as its documentation attaches a catalog (skipped when it is unavailable)',
    async () => {
      const session = openDuckdb(String(duckdb))
      const { accessKeyId, secretAccessKey, region, endpoint } = store
      try {
        const sql = `
INSTALL iceberg; LOAD iceberg;
CREATE SECRET store (TYPE s3, KEY_ID ${quoteString(accessKeyId)}, SECRET ${quoteString(secretAccessKey)},
  REGION ${quoteString(region)}, ENDPOINT ${quoteString(new URL(endpoint).host)}, URL_STYLE 'path', USE_SSL false);
CREATE SECRET lake (TYPE iceberg, TOKEN ${quoteString(String(access.token))});
ATTACH 'local' AS lake (TYPE iceberg, ENDPOINT ${quoteString(listener.uri)}, SECRET lake);
CREATE SCHEMA IF NOT EXISTS lake.own;
CREATE TABLE lake.own.of_duckdb (id BIGINT);
INSERT INTO lake.own.of_duckdb VALUES (1), (2);
SELECT id FROM lake.own.of_duckdb ORDER BY id`
        expect(await session.request({ sql })).toEqual([[1], [2]])
      } finally {
        await session.stop()
      }
    },
  )

  test('is written and read by Spark, which requests vended credentials, too', async () => {
    const session = openSpark({
      ...access,
      'io-impl': 'org.apache.iceberg.aws.s3.S3FileIO',
      'header.X-Iceberg-Access-Delegation': 'vended-credentials',
    })
    try {
      await session.request({ sql: 'CREATE NAMESPACE IF NOT EXISTS own' })
      await session.request({ sql: 'CREATE TABLE own.of_spark (id BIGINT) USING iceberg' })
      await session.request({ sql: 'INSERT INTO own.of_spark VALUES (1), (2)' })
      expect(await session.request({ sql: 'SELECT id FROM own.of_spark ORDER BY id' })).toEqual([['1'], ['2']])
    } finally {
      await session.stop()
    }
  })
})
