import type { IngestionMeasure, IngestionSplit } from '@/lib/contract/dashboards'
import { INGESTION_MEASURES, INGESTION_SPLITS } from '@/lib/contract/shapes/plain-values'

/** A commit may be in many partitions, so commits are not split by them. */
export function measureOfSplit(measure: IngestionMeasure, by: IngestionSplit): IngestionMeasure {
  return by === 'partition' && measure === 'commits' ? 'rows' : measure
}

export function measuresOf(by: IngestionSplit): readonly IngestionMeasure[] {
  return INGESTION_MEASURES.filter((measure) => measureOfSplit(measure, by) === measure)
}

/** @param hasPartitions whether the figures are of one table with partitions */
export function splitsOf(by: IngestionSplit, hasPartitions: boolean): readonly IngestionSplit[] {
  return INGESTION_SPLITS.filter((split) => split !== 'partition' || hasPartitions || by === 'partition')
}
