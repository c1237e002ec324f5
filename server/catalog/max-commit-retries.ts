import 'server-only'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'

/** Iceberg's default of `commit.retry.num-retries`. The maximum keeps a commit bounded, whatever the table sets. */
const DEFAULT_RETRIES = 4
const MAX_RETRIES = 20

/** How often a commit to this table is retried when another writer was first. */
export function maxCommitRetries({ properties }: Pick<TableMetadata, 'properties'>): number {
  const configured = Number(propertyValue(properties, 'commit.retry.num-retries') ?? DEFAULT_RETRIES)
  return Number.isInteger(configured) && configured >= 0 ? Math.min(configured, MAX_RETRIES) : DEFAULT_RETRIES
}
