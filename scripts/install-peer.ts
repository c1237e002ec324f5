import { installAzurite } from '../testing/stores/azurite.ts'
import { installGcsServer } from '../testing/stores/gcs-server.ts'
import { ensurePostgresClient } from '../testing/databases/postgres-client.ts'
import { POSTGRES_AGES, installPostgres, postgresVersion } from '../testing/databases/install-postgres.ts'
import {
  installPyiceberg,
  installPyicebergForGcs,
  installPyicebergForS3AndAzure,
} from '../testing/peers/install-pyiceberg.ts'
import { installS3Server } from '../testing/stores/s3-server.ts'
import { installDuckdb } from '../testing/peers/install-duckdb.ts'
import { FLINK_JARS, FLINK_LIB_JARS } from '../testing/peers/flink-jars.ts'
import { installIdentityProvider } from '../testing/peers/identity-provider.ts'
import {
  COMPATIBILITY_KIT,
  ICEBERG_AWS,
  NESSIE,
  POSTGRES_JDBC,
  SPARK_RUNTIME,
  SQLITE_JDBC,
} from '../testing/peers/jars.ts'
import { fetchJars } from '../testing/peers/maven.ts'
import { installNginx } from '../testing/peers/nginx.ts'
import { installPyspark } from '../testing/peers/install-pyspark.ts'
import { installTrino } from '../testing/peers/install-trino.ts'

const SPARK_JARS = [SPARK_RUNTIME, ICEBERG_AWS, SQLITE_JDBC, POSTGRES_JDBC]

/**
 * Installs the programs of one kind of peer: `node scripts/install-peer.ts <kind>`. Exits with 1 when it cannot be
 * installed.
 */
const INSTALLS: Record<string, () => unknown> = {
  azurite: installAzurite,
  duckdb: installDuckdb,
  'identity-provider': installIdentityProvider,
  jars: () => fetchJars([...COMPATIBILITY_KIT, ...SPARK_JARS, NESSIE, ...FLINK_JARS, ...FLINK_LIB_JARS]),
  gcs: installGcsServer,
  nginx: installNginx,
  postgres: () => Promise.all(POSTGRES_AGES.map(installPostgres)),
  'postgres-newest': () => installPostgres('newest'),
  'postgres-client': () => ensurePostgresClient(postgresVersion('oldest')),
  pyiceberg: installPyiceberg,
  'pyiceberg-gcs': installPyicebergForGcs,
  'pyiceberg-s3-azure': installPyicebergForS3AndAzure,
  pyspark: installPyspark,
  s3: installS3Server,
  trino: installTrino,
}

const peer = process.argv[2] ?? ''
const install = INSTALLS[peer]
if (!install) throw new Error(`There is no "${peer}" to install, only ${Object.keys(INSTALLS).join(', ')}.`)
try {
  if ((await install()) === null) process.exitCode = 1
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
