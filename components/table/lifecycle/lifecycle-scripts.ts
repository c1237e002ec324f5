import type { EngineScripts } from '@/lib/contract/shapes/engine-scripts'
import type { TableDropReview } from '@/lib/contract/lifecycle/tables'

/** The statements as the tabs of a review show them. */
export function toScripts({ spark, trino, pyiceberg }: TableDropReview['drop']['statements']): EngineScripts {
  return {
    spark: { text: spark, commitCount: 1, missingCount: 0 },
    trino:
      trino === null
        ? { text: '-- Trino has no name for this table.', commitCount: 0, missingCount: 1 }
        : { text: trino, commitCount: 1, missingCount: 0 },
    pyiceberg: { text: `# catalog is what load_catalog returns.\n${pyiceberg}`, commitCount: 1, missingCount: 0 },
  }
}
