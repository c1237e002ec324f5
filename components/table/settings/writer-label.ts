import { type Writer, WRITERS } from '@/lib/iceberg/properties/catalogue/property-entry'

export const WRITER_NAMES: Readonly<Record<Writer, string>> = {
  spark: 'Spark',
  flink: 'Flink',
  trino: 'Trino',
  pyiceberg: 'PyIceberg',
  lakeshore: 'Lakeshore',
}

/** The writers that honour a property: `all writers`, `Spark, Flink`, `Flink only`. */
export function writerLabel(honouredBy: readonly Writer[]): string {
  if (honouredBy.length === WRITERS.length) return 'all writers'
  const names = WRITERS.filter((writer) => honouredBy.includes(writer)).map((writer) => WRITER_NAMES[writer])
  if (names.length === 0) return 'no writer'
  return names.length === 1 ? `${names[0]} only` : names.join(', ')
}
