import { createHash } from 'node:crypto'
import { KINDS, type Fault } from './fault.ts'

const SEED = 'lakeshore 23'
const MAX_FAULTS_PER_FUNCTION = 2

/**
 * Chooses the same number of faults in each area, and within an area of each kind, if possible. A fault is ranked by
 * its id alone, so the choice stays when code moves between files, and changes by few faults when some code changes.
 */
export function chooseFaults<T extends Fault>(areas: readonly (readonly T[])[], count: number): T[] {
  const ids = new Map<string, number>()
  for (const { id } of areas.flat()) ids.set(id, (ids.get(id) ?? 0) + 1)
  return areas.flatMap((candidates, index) => {
    const quota = Math.floor(((index + 1) * count) / areas.length) - Math.floor((index * count) / areas.length)
    // An id that two files share does not identify one of them.
    const ranked = candidates
      .filter(({ id }) => ids.get(id) === 1)
      .toSorted((one, other) => rank(one).localeCompare(rank(other)))
    return takeInTurns(
      KINDS.map((kind) => ranked.filter((fault) => fault.kind === kind)),
      quota,
    )
  })
}

function takeInTurns<T extends Fault>(queues: readonly (readonly T[])[], count: number): T[] {
  const chosen: T[] = []
  const perFunction = new Map<string, number>()
  const waiting = queues.map((queue) => [...queue])
  while (chosen.length < count && waiting.some((queue) => queue.length > 0)) {
    for (const queue of waiting) {
      const index = queue.findIndex((fault) => (perFunction.get(fault.functionName) ?? 0) < MAX_FAULTS_PER_FUNCTION)
      const [fault] = queue.splice(0, index === -1 ? queue.length : index + 1).slice(-1)
      if (!fault || index === -1 || chosen.length === count) continue
      perFunction.set(fault.functionName, (perFunction.get(fault.functionName) ?? 0) + 1)
      chosen.push(fault)
    }
  }
  return chosen
}

function rank({ id }: Fault): string {
  return createHash('sha256').update(`${SEED} ${id}`).digest('hex')
}
