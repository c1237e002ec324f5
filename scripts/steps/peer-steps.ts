import { existsSync, readFileSync, rmSync } from 'node:fs'
import { KIT_SUMMARY } from '../../testing/peers/compatibility-kit.ts'
import { vitestStep } from './check-steps.ts'
import { runSteps, type Step } from './run-steps.ts'
import { sumTallies, type Tally } from './tally.ts'

const POSTGRES_INSTALL = installStep('PostgreSQL, oldest and newest, with npm', 'postgres')
const OTHER_INSTALLS: readonly Step[] = [
  installStep('Iceberg for Java, Flink and Nessie with Maven', 'jars'),
  installStep('Trino with Maven', 'trino'),
  installStep('PySpark with pip', 'pyspark'),
  installStep('PyIceberg with pip', 'pyiceberg'),
  installStep('PyIceberg for S3 and Azure with pip', 'pyiceberg-s3-azure'),
  installStep('PyIceberg for Google Cloud Storage with pip', 'pyiceberg-gcs'),
  installStep('DuckDB with pip', 'duckdb'),
  installStep('an identity provider with npm', 'identity-provider'),
  installStep('an S3 server with Go', 's3'),
  installStep('fake-gcs-server with Go', 'gcs'),
  installStep('Azurite with npm', 'azurite'),
  installStep('a PostgreSQL client', 'postgres-client'),
  installStep('nginx with apt', 'nginx'),
]

function installStep(name: string, peer: string): Step {
  return { name, command: 'node', args: ['scripts/install-peer.ts', peer] }
}

export function installPostgres(): Promise<Tally> {
  return runSteps([POSTGRES_INSTALL]).then(toleratingMissing)
}

/** Installs the programs of other projects: mostly downloads, so all at once. */
export function installOtherPeers(): Promise<Tally> {
  return runSteps(OTHER_INSTALLS, { width: OTHER_INSTALLS.length }).then(toleratingMissing)
}

/** Elsewhere than in CI, the tests of a program that cannot be installed are skipped and say so. */
function toleratingMissing(installed: Tally): Tally {
  const counted = { ...installed, passed: 0 }
  return process.env.CI === 'true' ? counted : { ...counted, failed: 0, failures: [] }
}

/** `args` are added to the command line of Vitest. */
export function postgresStep(args: readonly string[] = []): Step {
  return vitestStep('tests on PostgreSQL', ['postgres'], { args })
}

/**
 * Tests against engines and other programs, the longest step first. They wait for those more than they compute, and
 * each step has separate engines and databases.
 */
export function peerSteps(args: readonly string[] = []): [engines: Step, rooms: Step, product: Step] {
  // A killed run writes no summary: that of an earlier run must not be printed for it.
  rmSync(KIT_SUMMARY, { force: true })
  return [
    vitestStep('tests with engines', ['engines'], { args }),
    vitestStep('tests of rooms with other programs', ['interop'], { args }),
    vitestStep('tests of the product with other programs', ['interop-product'], { args }),
  ]
}

/** The counts of Iceberg's REST compatibility kit. */
export function readKitSummary(): string {
  return existsSync(KIT_SUMMARY) ? readFileSync(KIT_SUMMARY, 'utf8') : 'REST compatibility kit: not run'
}

/** Runs the tests with programs of other projects, and what they need. */
export async function testWithPeers(args: readonly string[] = []): Promise<Tally> {
  // These tests need one install only, so they run while the others are downloaded.
  const postgres = await installPostgres()
  const [others, onPostgres] = await Promise.all([
    installOtherPeers(),
    runSteps([postgresStep(args)], { isLoud: true }),
  ])
  const steps = peerSteps(args)
  return sumTallies([postgres, others, onPostgres, await runSteps(steps, { width: steps.length, isLoud: true })])
}
