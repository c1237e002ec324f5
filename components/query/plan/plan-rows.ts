import type { PlanOperator } from '@/lib/query/query-plan'

/** A line of the tree: an operator that is not in a closed one. */
export type PlanRow = {
  /** The positions from the root down: `0/1`. */
  key: string
  /** From 0. */
  level: number
  /** Among the operators with the same parent, from 1. */
  position: number
  setSize: number
  /** Undefined for an operator without children. */
  isOpen: boolean | undefined
  operator: PlanOperator
}

export function visibleRows(plan: readonly PlanOperator[], closed: ReadonlySet<string>): PlanRow[] {
  const rows: PlanRow[] = []
  const add = (operators: readonly PlanOperator[], parentKey: string, level: number) => {
    for (const [i, operator] of operators.entries()) {
      const key = parentKey === '' ? String(i) : `${parentKey}/${i}`
      const isOpen = operator.children.length === 0 ? undefined : !closed.has(key)
      rows.push({ key, level, position: i + 1, setSize: operators.length, isOpen, operator })
      if (isOpen === true) add(operator.children, key, level + 1)
    }
  }
  add(plan, '', 0)
  return rows
}

/** The key of the operator above; undefined for a root. */
export function parentKeyOf(key: string): string | undefined {
  const end = key.lastIndexOf('/')
  return end < 0 ? undefined : key.slice(0, end)
}
