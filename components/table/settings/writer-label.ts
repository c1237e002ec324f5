import { type Writer, WRITERS } from '@/lib/iceberg/properties/catalogue/property-entry'

export const WRITER_NAMES: Readonly<Record<Writer, string>> = {
  spark: 'Spark',
  flink: 'Flink',
  trino: 'Trino',
  pyiceberg: 'PyIceberg',
  lakeshore: 'Lakeshore',
}

const OTHERS: readonly Writer[] = ['trino', 'pyiceberg', 'lakeshore']

/**
 * The writers that honour a property in one or two words: `all writers`, `Java only`, `Java, Trino`, `not Trino`. Spark
 * and Flink are *Java* when both honour it, because they share the library.
 */
export function writerLabel(honouredBy: readonly Writer[]): string {
  if (honouredBy.length === WRITERS.length) return 'all writers'
  const isJava = honouredBy.includes('spark') && honouredBy.includes('flink')
  const names = [
    ...(isJava ? ['Java'] : []),
    ...WRITERS.filter((writer) => honouredBy.includes(writer) && (!isJava || OTHERS.includes(writer))).map(
      (writer) => WRITER_NAMES[writer],
    ),
  ]
  if (names.length === 0) return 'no writer'
  if (names.length === 1) return `${names[0]} only`
  if (names.length === 2) return names.join(', ')
  const missing = WRITERS.filter((writer) => !honouredBy.includes(writer)).map((writer) => WRITER_NAMES[writer])
  return missing.length === 1 ? `not ${missing[0]}` : `${honouredBy.length} writers`
}
