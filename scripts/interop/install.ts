import { azuriteProgram } from '../azurite.ts'
import { gcsServerProgram } from '../gcs-server.ts'
import { postgresClient } from '../postgres-client.ts'
import { POSTGRES_AGES, postgresProgram, postgresVersion } from '../postgres-program.ts'
import {
  pythonWithAzure,
  pythonWithGcs,
  pythonWithPostgres,
  pythonWithPyiceberg,
  pythonWithSigner,
} from '../pyiceberg.ts'
import { s3ServerProgram } from '../s3-server.ts'
import { FLINK, FLINK_LIB } from './flink-jars.ts'
import { installIdentityProvider } from './identity-provider.ts'
import { COMPATIBILITY_KIT, ICEBERG_AWS, NESSIE, POSTGRES_JDBC, SPARK_RUNTIME, SQLITE_JDBC } from './jars.ts'
import { fetchJars } from './maven.ts'
import { nginxProgram } from './nginx.ts'
import { pythonWithSpark } from './pyspark.ts'
import { installTrino } from './trino.ts'

const FOR_SPARK = [SPARK_RUNTIME, ICEBERG_AWS, SQLITE_JDBC, POSTGRES_JDBC]

/** Fetches what one kind of peer needs: `node scripts/interop/install.ts <what>`. Ends with 1 where it cannot be had. */
const INSTALLS: Record<string, () => unknown> = {
  azurite: azuriteProgram,
  'identity-provider': installIdentityProvider,
  jars: () => fetchJars([...COMPATIBILITY_KIT, ...FOR_SPARK, NESSIE, ...FLINK, ...FLINK_LIB]),
  gcs: gcsServerProgram,
  nginx: nginxProgram,
  postgres: () => Promise.all(POSTGRES_AGES.map(postgresProgram)),
  'postgres-client': () => postgresClient(postgresVersion('oldest')),
  pyiceberg: pythonWithPyiceberg,
  'pyiceberg-gcsfs': pythonWithGcs,
  'pyiceberg-adlfs': pythonWithAzure,
  'pyiceberg-psycopg2': pythonWithPostgres,
  'pyiceberg-s3fs': pythonWithSigner,
  pyspark: pythonWithSpark,
  s3: s3ServerProgram,
  trino: installTrino,
}

const what = process.argv[2] ?? ''
const install = INSTALLS[what]
if (!install) throw new Error(`There is no "${what}" to install, only ${Object.keys(INSTALLS).join(', ')}.`)
try {
  if ((await install()) === null) process.exitCode = 1
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
