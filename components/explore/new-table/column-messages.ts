import type { TreeRow } from '@/components/table/schema/tree-rows'
import type { TreeLine } from '@/components/table/schema/tree-table'
import type { NewTableProblem } from '@/lib/changes/new-table/new-table-problems'

/** The messages below the columns of a new table. */

/** More of them are below folded columns, which say how many. */
const MAX_SHOWN_DOUBTS = 100

type Message = { kind: 'problem' | 'doubt'; message: string }

/** The messages below columns, by their ids. */
export function columnMessages(
  problems: readonly Pick<NewTableProblem, 'part' | 'message'>[],
  doubts: ReadonlyMap<number, string>,
): ReadonlyMap<number, readonly Message[]> {
  const messages = new Map<number, Message[]>()
  const add = (fieldId: number, message: Message) => messages.set(fieldId, [...(messages.get(fieldId) ?? []), message])
  const ofColumns = new Map(
    problems.flatMap(({ part, message }) => (part.kind === 'column' ? [[part.fieldId, message] as const] : [])),
  )
  for (const [fieldId, message] of ofColumns) add(fieldId, { kind: 'problem', message })
  for (const [fieldId, message] of doubts) add(fieldId, { kind: 'doubt', message })
  return messages
}

/** The columns whose messages are in sight wherever they are: all problems, and the first doubts. */
export function shownMessages(messages: ReadonlyMap<number, readonly Message[]>): number[] {
  const hasProblem = (found: readonly Message[]) => found.some(({ kind }) => kind === 'problem')
  const [wrong, doubtful] = [
    [...messages].filter(([, found]) => hasProblem(found)),
    [...messages].filter(([, found]) => !hasProblem(found)),
  ]
  return [...wrong, ...doubtful.slice(0, MAX_SHOWN_DOUBTS)].map(([fieldId]) => fieldId)
}

/** How many columns have a message among folded ones, and those within them. */
export function countNotes(
  rows: readonly TreeRow[],
  folded: readonly TreeRow[],
  messages: ReadonlyMap<number, readonly Message[]>,
): number {
  const ids = new Set(folded.map(({ fieldId }) => fieldId))
  // A parent comes before its children.
  for (const { fieldId, parentId } of rows) if (parentId !== null && ids.has(parentId)) ids.add(fieldId)
  return [...ids].filter((fieldId) => messages.has(fieldId)).length
}

export function withMessages(
  lines: readonly TreeLine[],
  messages: ReadonlyMap<number, readonly Message[]>,
): TreeLine[] {
  return lines.flatMap((line): TreeLine[] => {
    if (line.kind !== 'column') return [line]
    const { row } = line
    return [line, ...(messages.get(row.fieldId) ?? []).map((message) => ({ ...message, row }))]
  })
}
