import { schemaForSpec } from '../manifest/partition-tuple'
import type { DataFile } from '../manifest/manifest'
import type { TableMetadata } from '../metadata/table-metadata'
import { partitionPath } from '../partitioning/partition-spec'
import { propertyValue } from '../properties/property-value'
import { countedBytes, isDeletionVector } from './operation'

type Summary = Readonly<Record<string, string>>

/** Files that an operation adds or removes, counted as in a snapshot's summary. */
class ChangeCounts {
  readonly #counts = new Map<string, bigint>()

  add(verb: 'added' | 'removed', file: DataFile): void {
    this.#count(`${verb}-files-size`, countedBytes(file))
    const isAdded = verb === 'added'
    switch (file.content) {
      case 'data':
        this.#count(isAdded ? 'added-data-files' : 'deleted-data-files', 1)
        this.#count(isAdded ? 'added-records' : 'deleted-records', file.recordCount)
        return
      case 'position-deletes':
        this.#count(isDeletionVector(file) ? `${verb}-dvs` : `${verb}-position-delete-files`, 1)
        this.#count(`${verb}-delete-files`, 1)
        this.#count(`${verb}-position-deletes`, file.recordCount)
        return
      case 'equality-deletes':
        this.#count(`${verb}-equality-delete-files`, 1)
        this.#count(`${verb}-delete-files`, 1)
        this.#count(`${verb}-equality-deletes`, file.recordCount)
    }
  }

  get(name: string): bigint {
    return this.#counts.get(name) ?? 0n
  }

  /** Omits figures that are zero. */
  toSummary(): Summary {
    return Object.fromEntries([...this.#counts].filter(([, count]) => count > 0n).map(([name, n]) => [name, String(n)]))
  }

  #count(name: string, more: number): void {
    this.#counts.set(name, this.get(name) + BigInt(more))
  }
}

/** Each total of a summary, with the counts that change it. */
const TOTALS = [
  ['total-records', 'added-records', 'deleted-records'],
  ['total-files-size', 'added-files-size', 'removed-files-size'],
  ['total-data-files', 'added-data-files', 'deleted-data-files'],
  ['total-delete-files', 'added-delete-files', 'removed-delete-files'],
  ['total-position-deletes', 'added-position-deletes', 'removed-position-deletes'],
  ['total-equality-deletes', 'added-equality-deletes', 'removed-equality-deletes'],
] as const

const PARTITION_LIMIT_PROPERTY = 'write.summary.partition-limit'

/**
 * The counts of a snapshot's summary.
 *
 * Spec: Iceberg table spec, *Optional Snapshot Summary Fields*.
 */
export class ChangeSummary {
  readonly #metadata: TableMetadata
  readonly #all = new ChangeCounts()
  readonly #byPartition = new Map<string, ChangeCounts>()
  readonly #pathBySpec = new Map<number, (partition: DataFile['partition']) => string>()

  constructor(metadata: TableMetadata) {
    this.#metadata = metadata
  }

  add(verb: 'added' | 'removed', files: readonly DataFile[]): void {
    for (const file of files) {
      this.#all.add(verb, file)
      const partition = this.#partitionPath(file)
      const counts = this.#byPartition.get(partition) ?? new ChangeCounts()
      this.#byPartition.set(partition, counts)
      counts.add(verb, file)
    }
  }

  /** Number of rows in data files that the operation adds and removes. */
  get records(): { added: bigint; deleted: bigint } {
    return { added: this.#all.get('added-records'), deleted: this.#all.get('deleted-records') }
  }

  /**
   * Each total is the parent's total with the changes. A total that the parent's writer left out stays left out, and so
   * does one that would be negative, because the parent's was wrong.
   *
   * @param parent summary of the parent snapshot; null for the first snapshot of the branch
   */
  toSummary(parent: Summary | null): Summary {
    return {
      ...this.#all.toSummary(),
      'changed-partition-count': String(this.#byPartition.size),
      ...this.#partitionSummaries(),
      ...Object.fromEntries(
        TOTALS.flatMap(([name, added, removed]) => {
          const before = parent === null ? '0' : propertyValue(parent, name)
          if (before === null || !/^\d+$/.test(before)) return []
          const total = BigInt(before) + this.#all.get(added) - this.#all.get(removed)
          return total < 0n ? [] : [[name, String(total)]]
        }),
      ),
    }
  }

  #partitionSummaries(): Summary {
    const text = propertyValue(this.#metadata.properties, PARTITION_LIMIT_PROPERTY) ?? '0'
    const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0
    if (this.#byPartition.size === 0 || this.#byPartition.size > limit) return {}
    const partitions = [...this.#byPartition].filter(([partition]) => partition !== '')
    return {
      'partition-summaries-included': 'true',
      ...Object.fromEntries(
        partitions.map(([partition, counts]) => [
          `partitions.${partition}`,
          Object.entries(counts.toSummary())
            .map(([name, count]) => `${name}=${count}`)
            .join(','),
        ]),
      ),
    }
  }

  /** All files of an unpartitioned table count as one partition, as in Java. */
  #partitionPath({ specId, partition }: DataFile): string {
    const toPath = this.#pathBySpec.get(specId) ?? partitionPathOf(this.#metadata, specId)
    this.#pathBySpec.set(specId, toPath)
    return toPath(partition)
  }
}

function partitionPathOf({ partitionSpecs, schemas }: TableMetadata, specId: number) {
  const spec = partitionSpecs.find((one) => one.specId === specId)
  const schema = spec && schemaForSpec(spec, schemas)
  return (partition: DataFile['partition']) => (spec && schema ? partitionPath(spec, schema, partition) : '')
}
