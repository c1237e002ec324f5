import { type Metrics, NO_METRICS } from './manifest'
import type { AvroType } from '../avro/avro-type'
import { ByteCursor } from '../avro/byte-cursor'
import {
  arrayReader,
  binaryReader,
  integerReader,
  type Reader,
  recordReader,
  skipper,
  type ProjectedField,
  projectedField,
} from '../avro/read-value'

type MapReader<V> = Reader<ReadonlyMap<number, V>>
type CountName = 'columnSizesBytes' | 'valueCounts' | 'nullValueCounts' | 'nanValueCounts'
type BoundName = 'lowerBounds' | 'upperBounds'

/** How the writer of one manifest encoded each map; a map that is not in the schema is read as empty. */
type MapReaders = Record<CountName, MapReader<number>> & Record<BoundName, MapReader<Uint8Array>>

/**
 * Column metrics make up most of a manifest and are rarely used, so only the offset of each map is stored. A map is
 * decoded on access.
 *
 * Spec: Iceberg table spec, *Manifests*, and appendix A, *Avro*, on maps whose keys are not strings.
 */
export class LazyMetrics implements Metrics {
  readonly #bytes: Uint8Array
  readonly #label: string
  readonly #readers: MapReaders
  #columnSizesOffset = 0
  #valuesOffset = 0
  #nullsOffset = 0
  #nansOffset = 0
  #lowerOffset = 0
  #upperOffset = 0

  constructor(block: ByteCursor, readers: MapReaders) {
    this.#bytes = block.bytes
    this.#label = block.label
    this.#readers = readers
  }

  /** Stores the cursor's position as the start of a map. */
  setOffset(name: CountName | BoundName, cursor: ByteCursor): void {
    switch (name) {
      case 'columnSizesBytes':
        this.#columnSizesOffset = cursor.position
        break
      case 'valueCounts':
        this.#valuesOffset = cursor.position
        break
      case 'nullValueCounts':
        this.#nullsOffset = cursor.position
        break
      case 'nanValueCounts':
        this.#nansOffset = cursor.position
        break
      case 'lowerBounds':
        this.#lowerOffset = cursor.position
        break
      case 'upperBounds':
        this.#upperOffset = cursor.position
        break
    }
  }

  get columnSizesBytes(): ReadonlyMap<number, number> {
    return this.#readers.columnSizesBytes(this.#cursorAt(this.#columnSizesOffset))
  }

  get valueCounts(): ReadonlyMap<number, number> {
    return this.#readers.valueCounts(this.#cursorAt(this.#valuesOffset))
  }

  get nullValueCounts(): ReadonlyMap<number, number> {
    return this.#readers.nullValueCounts(this.#cursorAt(this.#nullsOffset))
  }

  get nanValueCounts(): ReadonlyMap<number, number> {
    return this.#readers.nanValueCounts(this.#cursorAt(this.#nansOffset))
  }

  get lowerBounds(): ReadonlyMap<number, Uint8Array> {
    return this.#readers.lowerBounds(this.#cursorAt(this.#lowerOffset))
  }

  get upperBounds(): ReadonlyMap<number, Uint8Array> {
    return this.#readers.upperBounds(this.#cursorAt(this.#upperOffset))
  }

  #cursorAt(position: number): ByteCursor {
    return new ByteCursor(this.#bytes, this.#label, position)
  }
}

/**
 * The metrics fields of a data file, for one manifest.
 *
 * @returns `fields` skip the maps and store their offsets; `metricsOf` creates the object that stores them
 */
export function metricsFields<T extends { metrics: LazyMetrics }>(): {
  fields: ProjectedField<T>[]
  createMetrics: (block: ByteCursor) => LazyMetrics
} {
  const readNone = () => NO_METRICS
  const readers: MapReaders = {
    columnSizesBytes: readNone,
    valueCounts: readNone,
    nullValueCounts: readNone,
    nanValueCounts: readNone,
    lowerBounds: readNone,
    upperBounds: readNone,
  }
  return {
    createMetrics: (block) => new LazyMetrics(block, readers),
    fields: [
      countsField('columnSizesBytes', 108, 'column_sizes', { keyId: 117, valueId: 118 }),
      countsField('valueCounts', 109, 'value_counts', { keyId: 119, valueId: 120 }),
      countsField('nullValueCounts', 110, 'null_value_counts', { keyId: 121, valueId: 122 }),
      countsField('nanValueCounts', 137, 'nan_value_counts', { keyId: 138, valueId: 139 }),
      boundsField('lowerBounds', 125, 'lower_bounds', { keyId: 126, valueId: 127 }),
      boundsField('upperBounds', 128, 'upper_bounds', { keyId: 129, valueId: 130 }),
    ],
  }

  function countsField(name: CountName, fieldId: number, avroName: string, ids: PairIds): ProjectedField<T> {
    return metricField(name, fieldId, avroName, (type, label) => {
      readers[name] = mapReader(type, label, ids, integerReader)
    })
  }

  function boundsField(name: BoundName, fieldId: number, avroName: string, ids: PairIds): ProjectedField<T> {
    return metricField(name, fieldId, avroName, (type, label) => {
      readers[name] = mapReader(type, label, ids, binaryReader)
    })
  }

  function metricField(
    name: CountName | BoundName,
    fieldId: number,
    avroName: string,
    prepare: (type: AvroType, label: string) => void,
  ): ProjectedField<T> {
    return {
      fieldId,
      names: [avroName],
      required: false,
      buildReader: (type, label) => {
        prepare(type, label)
        const skip = skipper(type, label)
        return (cursor, file) => {
          file.metrics.setOffset(name, cursor)
          skip(cursor)
        }
      },
    }
  }
}

type PairIds = { keyId: number; valueId: number }

/** A map whose keys are not strings is a list of key-value records. */
function mapReader<V>(
  type: AvroType,
  label: string,
  { keyId, valueId }: PairIds,
  valueReader: (type: AvroType, label: string) => Reader<V | null>,
): MapReader<V> {
  type Pair = { key: number; value: V | null }
  const fields: ProjectedField<Pair>[] = [
    projectedField(keyId, ['key'], integerReader, (pair, key) => (pair.key = key), { required: true }),
    projectedField(valueId, ['value'], valueReader, (pair, value) => (pair.value = value), { required: true }),
  ]
  const read = arrayReader(type, label, (items) => {
    const readPair = recordReader(items, fields, label)
    return (cursor) => {
      const pair: Pair = { key: 0, value: null }
      readPair(cursor, pair)
      return pair
    }
  })
  return (cursor) => {
    const pairs = read(cursor)
    if (pairs === null) return NO_METRICS
    const map = new Map<number, V>()
    for (const { key, value } of pairs) if (value !== null) map.set(key, value)
    return map
  }
}
