import type { CsvField } from './csv-records'

/** The names of fields in a header. One without a name has that of its position, as all have without a header. */
export function headerNames(fields: readonly CsvField[]): string[] {
  return fields.map((name, i) => (isUnnamed(name) ? positionName(i) : name))
}

/** `column1` for the first field. */
export function positionName(index: number): string {
  return `column${index + 1}`
}

export function isUnnamed(name: CsvField): name is null | '' {
  return name === null || name === ''
}
