import 'server-only'
import type { LoadOperation } from '@/lib/ingest/load-landing'
import { append } from './append'
import type { LandingStrategy } from './landing'
import { replacePartitions } from './replace-partitions'
import { replaceTable } from './replace-table'
import { replaceWhere } from './replace-where'
import { upsert } from './upsert'

const STRATEGIES: Readonly<Record<LoadOperation, LandingStrategy>> = {
  append,
  'replace-partitions': replacePartitions,
  'replace-where': replaceWhere,
  'replace-table': replaceTable,
  upsert,
}

export function landingStrategy(operation: LoadOperation): LandingStrategy {
  return STRATEGIES[operation]
}
