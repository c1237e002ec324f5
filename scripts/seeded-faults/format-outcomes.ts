import { KINDS } from './fault.ts'
import { AREAS } from './areas.ts'
import type { ListedFault } from './listed-faults.ts'
import type { Outcome } from './verdicts.ts'

const MAX_TEXT_CHARS = 90

export function formatFault({ kind, file, line, functionName, original, replacement }: ListedFault): string {
  const change = replacement === '' ? shorten(original) : `${shorten(original)} → ${shorten(replacement)}`
  return `${kind} · ${file}:${line} ${functionName} · ${change}`
}

/** The survivors, and the counts by area and by kind. */
export function formatOutcomes(outcomes: readonly Outcome[]): { text: string; caughtPercent: number } {
  const survivors = outcomes.filter(({ caughtBy }) => !caughtBy)
  const counts = (name: string, ofGroup: readonly Outcome[]) => {
    const caught = ofGroup.filter(({ caughtBy }) => caughtBy).length
    return `${String(caught).padStart(5)} of ${String(ofGroup.length).padStart(3)}  ${name}`
  }
  const caughtCount = outcomes.length - survivors.length
  const text = [
    ...survivors.map(
      ({ fault, testCount }) => `survived ${testCount} test files: ${formatFault(fault)}\n    ${fault.id}`,
    ),
    '',
    ...AREAS.map(({ name }) =>
      counts(
        name,
        outcomes.filter(({ fault }) => fault.area === name),
      ),
    ),
    '',
    ...KINDS.map((kind) =>
      counts(
        kind,
        outcomes.filter(({ fault }) => fault.kind === kind),
      ),
    ),
    '',
    counts('in all', outcomes),
  ].join('\n')
  return { text, caughtPercent: outcomes.length === 0 ? 0 : (100 * caughtCount) / outcomes.length }
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > MAX_TEXT_CHARS ? `${line.slice(0, MAX_TEXT_CHARS)}…` : line
}
