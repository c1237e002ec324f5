import type { GoldenRows } from './golden-tables'

/** Programs that read golden tables. `java` is Iceberg's own reader, without an engine. */
export type GoldenReader = 'spark' | 'java' | 'pyiceberg' | 'trino' | 'flink'

export type GoldenRecipe = {
  name: string
  writer: 'spark' | 'pyiceberg' | 'trino' | 'flink' | 'lakeshore'
  /** All of them have to read the same rows, at every snapshot, branch and tag. */
  readers: readonly GoldenReader[]
  /** Also records row ids and the sequence numbers of the last updates, as Spark reads them. */
  hasLineage?: boolean
  /** The rows of each snapshot as the specification demands them, of a table that no engine can read. */
  bySpecification?: readonly GoldenRows[]
}

const BY_ALL = ['spark', 'java'] as const
/** Iceberg's library alone finds no nested columns in files without field ids. */
const WITHOUT_JAVA = ['spark', 'pyiceberg'] as const

/** Every golden table, and who writes and reads it. */
export const GOLDEN_RECIPES: readonly GoldenRecipe[] = [
  { name: 'java_all_kinds_of_deletes', writer: 'spark', readers: BY_ALL },
  { name: 'java_defaults', writer: 'spark', readers: BY_ALL },
  { name: 'java_equality_deletes', writer: 'spark', readers: BY_ALL },
  { name: 'java_equality_deletes_by_partition', writer: 'spark', readers: BY_ALL },
  {
    name: 'java_equality_deletes_on_dropped_column',
    writer: 'spark',
    readers: [],
    bySpecification: [
      {
        columns: ['id', 'code', 'note'],
        rows: [
          ['1', 'x', 'a'],
          ['2', 'y', 'b'],
          ['3', null, 'c'],
          ['4', 'x', 'd'],
        ],
      },
      { columns: ['id', 'code', 'note'], rows: [['2', 'y', 'b']] },
      {
        columns: ['id', 'note', 'code'],
        rows: [
          ['2', 'b', null],
          ['5', 'e', 'x'],
          ['6', null, null],
        ],
      },
    ],
  },
  { name: 'java_shredded_variants', writer: 'spark', readers: ['java'] },
  { name: 'java_types_v3', writer: 'spark', readers: ['java'] },
  { name: 'java_variants', writer: 'spark', readers: ['java'] },
  { name: 'spark_avro', writer: 'spark', readers: BY_ALL },
  { name: 'spark_deletes_upgraded_to_v3', writer: 'spark', readers: BY_ALL, hasLineage: true },
  { name: 'spark_deletion_vectors', writer: 'spark', readers: BY_ALL, hasLineage: true },
  // PyIceberg reads the list that is null as an empty one.
  { name: 'spark_hive_import', writer: 'spark', readers: ['spark', 'trino'] },
  { name: 'spark_nested_types', writer: 'spark', readers: BY_ALL },
  { name: 'spark_orc', writer: 'spark', readers: BY_ALL },
  { name: 'spark_partition_evolution', writer: 'spark', readers: BY_ALL },
  { name: 'spark_position_deletes_by_file', writer: 'spark', readers: BY_ALL },
  { name: 'spark_position_deletes_by_partition', writer: 'spark', readers: BY_ALL },
  { name: 'spark_refs', writer: 'spark', readers: BY_ALL },
  { name: 'spark_row_lineage', writer: 'spark', readers: BY_ALL, hasLineage: true },
  { name: 'spark_schema_evolution', writer: 'spark', readers: BY_ALL },
  { name: 'spark_types', writer: 'spark', readers: BY_ALL },
  { name: 'spark_v1_upgraded', writer: 'spark', readers: BY_ALL },
  { name: 'flink_upserts', writer: 'flink', readers: ['flink', 'spark', 'java'] },
  { name: 'flink_upserts_by_date', writer: 'flink', readers: ['flink', 'spark', 'java'] },
  { name: 'pyiceberg_added_files', writer: 'pyiceberg', readers: WITHOUT_JAVA },
  { name: 'pyiceberg_evolution', writer: 'pyiceberg', readers: ['pyiceberg', 'spark', 'java'] },
  { name: 'pyiceberg_types', writer: 'pyiceberg', readers: ['pyiceberg', 'java'] },
  { name: 'trino_position_deletes', writer: 'trino', readers: ['trino', 'spark', 'java'] },
  { name: 'trino_types', writer: 'trino', readers: ['trino', 'java'] },
  { name: 'lakeshore_append_and_delete', writer: 'lakeshore', readers: ['pyiceberg'] },
]
