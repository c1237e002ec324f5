import { existsSync, readFileSync, rmSync } from 'node:fs'
import { KIT_SUMMARY } from '../../testing/peers/compatibility-kit.ts'
import { runSteps } from './run-steps.ts'
import type { Step, StepRun } from './step.ts'

/** Programs of other projects that tests use, as `scripts/install-peer.ts` names them. */
const PEERS = {
  postgres: 'PostgreSQL, oldest and newest, with npm',
  jars: 'Iceberg for Java, Flink and Nessie with Maven',
  trino: 'Trino with Maven',
  pyspark: 'PySpark with pip',
  pyiceberg: 'PyIceberg with pip',
  'pyiceberg-s3-azure': 'PyIceberg for S3 and Azure with pip',
  'pyiceberg-gcs': 'PyIceberg for Google Cloud Storage with pip',
  duckdb: 'DuckDB with pip',
  'identity-provider': 'an identity provider with npm',
  s3: 'an S3 server with Go',
  gcs: 'fake-gcs-server with Go',
  azurite: 'Azurite with npm',
  'postgres-client': 'a PostgreSQL client',
  nginx: 'nginx with apt',
} as const

export type Peer = keyof typeof PEERS
export const ALL_PEERS = Object.keys(PEERS) as Peer[]
/** The only program of another project that `npm test` needs. */
export const NEWEST_POSTGRES_STEP = installStep('PostgreSQL, newest, with npm', 'postgres-newest')

/** Installs programs of other projects: mostly downloads, so all at once. */
export function installPeers(peers: readonly Peer[]): Promise<StepRun[]> {
  const steps = peers.map((peer) => installStep(PEERS[peer], peer))
  return runSteps(steps, { width: Math.max(1, steps.length) })
}

function installStep(name: string, peer: string): Step {
  return { name, command: 'node', args: ['scripts/install-peer.ts', peer] }
}

/** A killed run writes no summary: that of an earlier run must not be printed for it. */
export function forgetKitSummary(): void {
  rmSync(KIT_SUMMARY, { force: true })
}

/** The counts of Iceberg's REST compatibility kit. */
export function readKitSummary(): string {
  return existsSync(KIT_SUMMARY) ? readFileSync(KIT_SUMMARY, 'utf8') : 'REST compatibility kit: not run'
}
