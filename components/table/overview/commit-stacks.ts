import type { Stack } from '@/components/chart/stacked-bars'
import type { Snapshot } from '@/lib/contract/table/snapshots'

const MAX_STEPS = 30
const MIN_STEP_MS = 1_000

/** Iceberg's operations with their colours, the most frequent in most tables first. */
const OPERATIONS = [
  { key: 'append', colour: 'var(--c1)' },
  { key: 'overwrite', colour: 'var(--c2)' },
  { key: 'delete', colour: 'var(--c3)' },
  { key: 'replace', colour: 'var(--c4)' },
] as const
const OTHER = { key: 'other', colour: 'var(--c0)' } as const

/**
 * Commits by operation, in equal steps from the first commit until `toMs`.
 *
 * @param snapshots at least one, the oldest first
 */
export function commitStacks(
  snapshots: readonly Pick<Snapshot, 'committedAtMs' | 'operation'>[],
  toMs: number,
): { series: readonly { key: string; label: string; colour: string }[]; stacks: readonly Stack[]; stepMs: number } {
  const fromMs = snapshots[0]?.committedAtMs ?? toMs
  const stepMs = Math.max(MIN_STEP_MS, Math.ceil((toMs - fromMs) / MAX_STEPS))
  const stepCount = Math.max(1, Math.ceil((toMs - fromMs) / stepMs))
  const keyOf = (operation: string) => OPERATIONS.find(({ key }) => key === operation)?.key ?? OTHER.key
  const present = new Set<string>(snapshots.map(({ operation }) => keyOf(operation)))
  const series = [...OPERATIONS, OTHER].filter(({ key }) => present.has(key))
  const stacks = Array.from({ length: stepCount }, (_, step) => ({
    startMs: fromMs + step * stepMs,
    values: series.map(() => 0),
  }))
  for (const { committedAtMs, operation } of snapshots) {
    const step = Math.min(stepCount - 1, Math.max(0, Math.floor((committedAtMs - fromMs) / stepMs)))
    const index = series.findIndex(({ key }) => key === keyOf(operation))
    const values = stacks[step]?.values
    if (values) values[index] = (values[index] ?? 0) + 1
  }
  return { series: series.map(({ key, colour }) => ({ key, label: key, colour })), stacks, stepMs }
}

/** The colour of an operation, the same in every chart of commits. */
export function operationColour(operation: string): string {
  return (OPERATIONS.find(({ key }) => key === operation) ?? OTHER).colour
}
