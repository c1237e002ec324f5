import 'server-only'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import type { Services } from '@/server/services'
import type { Allowed } from '../table-plan'
import type { Terminal } from '../verb'
import { DIFFERS, type FolderEntry, printReport, toReport } from './folder-report'
import { planAccess } from './plan-access'
import { planDeclaredTable } from './plan-tables'
import { type FolderContext, type PlannedEntry, type ProposalText, toProblem } from './planned-entry'
import { readFolder } from './read-folder'

type FolderOptions = Allowed & {
  action: 'plan' | 'apply'
  folder: string
  proposal: ProposalText | null
  catalog?: string
  json: boolean
  'exit-code': boolean
}

/**
 * Compares a folder of files with the tables of a catalog and the access to it, and applies the difference if asked to.
 * Prints one report.
 *
 * @returns the exit code: 0; 1 when an entry failed or was refused; 3 for a plan with changes and `--exit-code`
 * @throws {AppError} when the folder cannot be read: then nothing was compared
 */
export async function planOrApplyFolder(
  services: Services,
  terminal: Terminal,
  { action, folder, proposal, json: isJson, 'exit-code': hasExitCode, ...options }: FolderOptions,
): Promise<number> {
  const catalog = options.catalog ?? services.config.catalogName
  const request = { actor: actorFor(COMMAND_LINE), signal: terminal.signal, requestId: null }
  const context = { services, catalog, request, allowed: options }
  const planned = await planFolder(context, folder)
  const entries =
    action === 'plan' ? planned.map(({ entry }) => entry) : await applyAll(planned, proposal, terminal.signal)
  const report = toReport(action, catalog, entries)
  if (isJson) terminal.print(JSON.stringify(report, null, 2))
  else printReport(report, terminal)
  if (report.outcome === 'failed') return 1
  return report.outcome === 'differs' && hasExitCode ? DIFFERS : 0
}

/** Tables come first: a policy that becomes stricter would hold their changes. */
async function planFolder(context: FolderContext, folder: string): Promise<PlannedEntry[]> {
  const { tables, access } = await readFolder(folder, context.catalog)
  const planned: PlannedEntry[] = []
  for (const table of tables) {
    context.request.signal.throwIfAborted()
    planned.push(await planDeclaredTable(context, table))
  }
  return [...planned, ...(access ? await planAccess(context, access) : [])]
}

/** Changes nothing unless every entry can be applied; after that, ends at the first one that fails. */
async function applyAll(
  planned: readonly PlannedEntry[],
  proposal: ProposalText | null,
  signal: AbortSignal,
): Promise<FolderEntry[]> {
  const isRefused = ({ entry: { needsProposal, missingFlags } }: PlannedEntry) =>
    missingFlags.length > 0 || (needsProposal && proposal === null)
  if (planned.some((one) => isRefused(one) || one.entry.result === 'failed')) {
    return planned.map((one) => {
      if (isRefused(one)) return { ...one.entry, result: 'refused' }
      return one.entry.result === 'differs' ? { ...one.entry, result: 'not-reached' } : one.entry
    })
  }
  const entries: FolderEntry[] = []
  let hasFailed = false
  for (const { entry, apply } of planned) {
    if (apply === null) entries.push(entry)
    else if (hasFailed || signal.aborted) entries.push({ ...entry, result: 'not-reached' })
    else {
      const applied = await applyEntry(entry, () => apply(entry.needsProposal ? proposal : null))
      hasFailed = applied.result === 'failed'
      entries.push(applied)
    }
  }
  return entries
}

async function applyEntry(entry: FolderEntry, apply: () => ReturnType<NonNullable<PlannedEntry['apply']>>) {
  try {
    return { ...entry, ...(await apply()) }
  } catch (error) {
    return { ...entry, result: 'failed' as const, problem: toProblem(error) }
  }
}
