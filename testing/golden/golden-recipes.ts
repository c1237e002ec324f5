/** Programs that read golden tables. `java` is Iceberg's own reader, without an engine. */
export type GoldenReader = 'spark' | 'java' | 'pyiceberg' | 'trino' | 'flink'

export type GoldenRecipe = {
  name: string
  writer: 'spark' | 'pyiceberg' | 'trino' | 'flink'
  /** All of them have to read the same rows, at every snapshot, branch and tag. */
  readers: readonly GoldenReader[]
  /** Also records row ids and the sequence numbers of the last updates, as Spark reads them. */
  hasLineage?: boolean
}

const BY_ALL = ['spark', 'java'] as const

/** Every golden table, and who writes and reads it. */
export const GOLDEN_RECIPES: readonly GoldenRecipe[] = [
  { name: 'spark_position_deletes_by_partition', writer: 'spark', readers: BY_ALL },
  { name: 'spark_position_deletes_by_file', writer: 'spark', readers: BY_ALL },
  { name: 'spark_deletion_vectors', writer: 'spark', readers: BY_ALL, hasLineage: true },
  { name: 'spark_deletes_upgraded_to_v3', writer: 'spark', readers: BY_ALL, hasLineage: true },
]
