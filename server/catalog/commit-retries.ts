import 'server-only'
import { propertyValue } from '@/lib/iceberg/property-value'
import type { TableMetadata } from '@/lib/iceberg/table-metadata'

/** Iceberg's default of `commit.retry.num-retries`; the largest that is obeyed keeps a commit bounded. */
const DEFAULT_RETRIES = 4
const MOST_RETRIES = 20

/** How often a commit to this table is made anew when somebody else was first. */
export function retriesOf({ properties }: Pick<TableMetadata, 'properties'>): number {
  const asked = Number(propertyValue(properties, 'commit.retry.num-retries') ?? DEFAULT_RETRIES)
  return Number.isInteger(asked) && asked >= 0 ? Math.min(asked, MOST_RETRIES) : DEFAULT_RETRIES
}
