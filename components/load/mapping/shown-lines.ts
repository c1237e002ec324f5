import { chooseShown } from '../choose-shown'
import { needsDecision } from '../steps/open-steps'
import type { MappingLine } from './mapping-lines'

/** Each line has two dozen elements and a select, so a form of thousands of them would answer in seconds. */
export const MAX_SHOWN_LINES = 100
/** Lines that need a decision are shown wherever they are, until a form of them alone would be as slow. */
const MAX_OPEN_LINES = 300
/** With each press of the button. */
export const MORE_LINES = 200

/** A name of the line, which stays the same until its field or its column has another one. */
export function lineKey(line: MappingLine): string {
  return line.kind === 'field' ? `field ${line.field}` : `column ${line.column.name}`
}

/** Some of many lines, in their order. */
export type ShownLines = {
  lines: readonly MappingLine[]
  hiddenCount: number
  /** How many of the others need a decision. */
  hiddenOpenCount: number
}

/**
 * The keys of the lines that are shown first: those that need a decision, then those that are not simply of the same
 * name, and then the first ones.
 */
export function firstShownKeys(lines: readonly MappingLine[]): readonly string[] {
  const openCount = lines.filter(needsDecision).length
  const max = Math.max(MAX_SHOWN_LINES, Math.min(openCount, MAX_OPEN_LINES))
  const shown = chooseShown(lines, max, (line) => (needsDecision(line) ? 0 : isPlain(line) ? 2 : 1))
  return lines.flatMap((line, i) => (shown.has(i) ? [lineKey(line)] : []))
}

/** @param shownKeys null: all lines are shown */
export function toShownLines(lines: readonly MappingLine[], shownKeys: ReadonlySet<string> | null): ShownLines {
  if (shownKeys === null) return { lines, hiddenCount: 0, hiddenOpenCount: 0 }
  const hidden = lines.filter((line) => !shownKeys.has(lineKey(line)))
  return {
    lines: lines.filter((line) => shownKeys.has(lineKey(line))),
    hiddenCount: hidden.length,
    hiddenOpenCount: hidden.filter(needsDecision).length,
  }
}

/** The next of the lines that are not shown, in their order. */
export function nextKeys(lines: readonly MappingLine[], shownKeys: ReadonlySet<string>): readonly string[] {
  const hidden = lines.map(lineKey).filter((key) => !shownKeys.has(key))
  return hidden.slice(0, MORE_LINES)
}

/** The lines whose field or column has the text in its name, in any case; the first ones of many. */
export function findLines(lines: readonly MappingLine[], text: string): ShownLines {
  const part = text.trim().toLowerCase()
  const has = (name: string | undefined) => name !== undefined && name.toLowerCase().includes(part)
  const found = lines.filter((line) => has(line.column?.name) || (line.kind === 'field' && has(line.field)))
  const hidden = found.slice(MAX_SHOWN_LINES)
  return {
    lines: found.slice(0, MAX_SHOWN_LINES),
    hiddenCount: hidden.length,
    hiddenOpenCount: hidden.filter(needsDecision).length,
  }
}

function isPlain(line: MappingLine): boolean {
  return line.kind === 'field' ? line.state === 'same-name' : line.source === null
}
