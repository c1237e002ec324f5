import 'server-only'
import type { CsvQuestion } from '@/lib/ingest/readings/csv-question'
import { findNumberReadings } from '@/lib/ingest/readings/value-readings'

/** The facts of an error that asks how a number is to be read. */
type NumberFacts = { ambiguous: 'numbers'; field: string; value: string; line: number }

export function numberFacts({ column, text, line }: Pick<CsvQuestion, 'column' | 'text' | 'line'>): NumberFacts {
  return { ambiguous: 'numbers', field: column, value: text, line }
}

/** Null for the facts of any other error. */
export function toNumberQuestion(facts: Readonly<Record<string, unknown>>): CsvQuestion | null {
  const { ambiguous, field, value, line } = facts
  if (ambiguous !== 'numbers' || typeof field !== 'string' || typeof value !== 'string' || typeof line !== 'number')
    return null
  return { kind: 'numbers', column: field, text: value, line, readings: findNumberReadings(value) }
}
