import { expect, it } from 'vitest'
import { annotationText } from './annotation-text'

it.each([
  [{ kind: 'decimal', precision: 9, scale: 2 }, 'decimal(9, 2)'],
  [{ kind: 'timestamp', unit: 'micros', isUtc: true }, 'timestamp(micros, UTC)'],
  [{ kind: 'time', unit: 'millis', isUtc: false }, 'time(millis, local)'],
  [{ kind: 'integer', bits: 16, isSigned: false }, 'uint16'],
  [{ kind: 'integer', bits: 64, isSigned: true }, 'int64'],
  [{ kind: 'uuid' }, 'uuid'],
] as const)('writes a logical type as Parquet does: %o', (annotation, text) => {
  expect(annotationText(annotation)).toBe(text)
})
