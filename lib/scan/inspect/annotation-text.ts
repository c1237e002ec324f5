import type { Annotation } from '@/lib/parquet/schema-node'

/** The logical type of a Parquet column for people, in Parquet's words: `decimal(9, 2)`, `timestamp(micros, UTC)`. */
export function annotationText(annotation: Annotation): string {
  switch (annotation.kind) {
    case 'decimal':
      return `decimal(${annotation.precision}, ${annotation.scale})`
    case 'time':
    case 'timestamp':
      return `${annotation.kind}(${annotation.unit}, ${annotation.isUtc ? 'UTC' : 'local'})`
    case 'integer':
      return `${annotation.isSigned ? '' : 'u'}int${annotation.bits}`
    default:
      return annotation.kind
  }
}
