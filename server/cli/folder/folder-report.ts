import 'server-only'
import { formatQuantity } from '@/lib/format/count'
import type { Terminal } from '../verb'

/** The exit code of a plan with --exit-code: neither a failure (1) nor a wrong command line (2). */
export const DIFFERS = 3

/** A table, the grants of a catalog or the policy of a namespace, compared with its file. */
export type FolderEntry = {
  kind: 'table' | 'grants' | 'policy'
  name: string
  /** The file that describes it. */
  file: string
  /**
   * `failed` has a problem. `refused`: apply changed nothing, because this entry needs a flag or a proposal.
   * `not-reached`: apply ended at an earlier entry.
   */
  result: 'unchanged' | 'differs' | 'committed' | 'proposed' | 'failed' | 'refused' | 'not-reached'
  changes: readonly FolderChange[]
  warnings: readonly string[]
  /** Whether a policy demands that another user commits it. */
  needsProposal: boolean
  /** Flags that apply needs and did not get. */
  missingFlags: readonly string[]
  auditId: string | null
  proposalId: string | null
  problem: { code: string; detail: string } | null
}

/** `+` adds, `~` changes and `-` removes something. */
export type FolderChange = { sign: '+' | '~' | '-'; text: string }

/** The report of a folder. Fields may be added; those that are here stay. */
export type FolderReport = {
  version: 1
  action: 'plan' | 'apply'
  catalog: string
  /** `matches`: nothing to do. `differs`: a plan with changes. `applied` and `failed` are about all entries. */
  outcome: 'matches' | 'differs' | 'applied' | 'failed'
  entries: readonly FolderEntry[]
}

export function toReport(action: 'plan' | 'apply', catalog: string, entries: readonly FolderEntry[]): FolderReport {
  const has = (...results: FolderEntry['result'][]) => entries.some(({ result }) => results.includes(result))
  const outcome = has('failed', 'refused')
    ? 'failed'
    : has('differs')
      ? 'differs'
      : has('committed', 'proposed')
        ? 'applied'
        : 'matches'
  return { version: 1, action, catalog, outcome, entries }
}

/** For people: the changes on standard output, and the rest as messages. */
export function printReport({ action, entries, outcome }: FolderReport, terminal: Terminal): void {
  for (const entry of entries) {
    for (const warning of entry.warnings) terminal.printMessage(`Note: ${entry.name}: ${warning}`)
    if (entry.result === 'unchanged') continue
    terminal.print(`${entry.name}: ${describeResult(entry)}`)
    for (const { sign, text } of entry.changes) terminal.print(`  ${sign} ${text}`)
  }
  const changedCount = entries.filter(({ result }) => result !== 'unchanged').length
  const all = formatQuantity(entries.length, 'entry', 'entries')
  if (outcome === 'matches') terminal.printMessage(`Nothing to do: ${all} compared.`)
  else if (action === 'plan') terminal.printMessage(`To change: ${changedCount} of ${all}. Nothing was changed.`)
  else if (outcome === 'applied') terminal.printMessage(`Changed: ${changedCount} of ${all}.`)
  else terminal.printMessage(describeFailure(entries))
}

function describeResult({ result, needsProposal, missingFlags, auditId, proposalId, problem }: FolderEntry): string {
  if (problem) return `${result}: ${problem.detail}`
  if (proposalId !== null) return `proposed (${proposalId})`
  if (auditId !== null) return `${result} (${auditId})`
  if (missingFlags.length > 0) return `${result}, needs ${missingFlags.map((flag) => `--${flag}`).join(' and ')}`
  return needsProposal ? `${result}, needs two people` : result
}

function describeFailure(entries: readonly FolderEntry[]): string {
  const isStarted = entries.some(({ result }) => result === 'committed' || result === 'proposed')
  if (!isStarted) return 'Nothing was changed.'
  return 'The entries before the failed one were applied, and those after it were not.'
}
