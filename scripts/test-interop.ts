import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { buildIfStale } from './build.ts'
import { vitestStep } from './steps/check-steps.ts'
import { KIT_SUMMARY } from '../testing/peers/compatibility-kit.ts'
import { runSteps, type Step } from './steps/run-steps.ts'
import { exitCodeOf, formatTally, sumTallies } from './steps/tally.ts'

/**
 * Tests against other programs: engines and servers, which are installed here. With `CI=true` a program that cannot be
 * installed is a failure; otherwise its tests are skipped and say so.
 */

const POSTGRES_INSTALL = installStep('PostgreSQL, oldest and newest, with npm', 'postgres')
const INSTALLS: readonly Step[] = [
  installStep('Iceberg for Java, Flink and Nessie with Maven', 'jars'),
  installStep('Trino with Maven', 'trino'),
  installStep('PySpark with pip', 'pyspark'),
  installStep('PyIceberg with pip', 'pyiceberg'),
  installStep('PyIceberg with s3fs with pip', 'pyiceberg-s3fs'),
  installStep('PyIceberg with psycopg2 with pip', 'pyiceberg-psycopg2'),
  installStep('PyIceberg with adlfs with pip', 'pyiceberg-adlfs'),
  installStep('PyIceberg with gcsfs with pip', 'pyiceberg-gcsfs'),
  installStep('an identity provider with npm', 'identity-provider'),
  installStep('an S3 server with Go', 's3'),
  installStep('fake-gcs-server with Go', 'gcs'),
  installStep('Azurite with npm', 'azurite'),
  installStep('a PostgreSQL client', 'postgres-client'),
  installStep('nginx with apt', 'nginx'),
]

mkdirSync('.cache', { recursive: true })
rmSync(KIT_SUMMARY, { force: true })
const args = process.argv.slice(2)
// These tests need one install only, so they run while the others are downloaded.
const [installedPostgres] = await Promise.all([runSteps([POSTGRES_INSTALL]), buildIfStale()])
const [installedOthers, onPostgres] = await Promise.all([
  runSteps(INSTALLS, { width: INSTALLS.length }),
  runSteps([vitestStep('tests on PostgreSQL', ['postgres'], { args })], { isLoud: true }),
])
const installed = sumTallies([installedPostgres, installedOthers])
// Neither uses all cores, and each has separate engines and databases. The longer one comes first.
const steps = [
  vitestStep('tests with engines', ['engines'], { args }),
  vitestStep('tests with other programs', ['interop'], { args }),
]
const tested = sumTallies([onPostgres, await runSteps(steps, { width: steps.length, isLoud: true })])
// Elsewhere than in CI, the tests of a program that could not be installed were skipped and said so.
const missing = process.env.CI === 'true' ? installed : { ...installed, failed: 0, failures: [] }
const tally = sumTallies([tested, { ...missing, passed: 0 }])

console.log(existsSync(KIT_SUMMARY) ? readFileSync(KIT_SUMMARY, 'utf8') : 'REST compatibility kit: not run')
console.log(formatTally(tally))
process.exit(exitCodeOf(tally))

function installStep(name: string, peer: string): Step {
  return { name, command: 'node', args: ['scripts/install-peer.ts', peer] }
}
