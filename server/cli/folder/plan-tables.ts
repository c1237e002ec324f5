import 'server-only'
import { declarationToText } from '@/lib/changes/declaration/declaration-text'
import { intentSentence, intentSign } from '@/lib/changes/intents/intent'
import { AppError } from '@/lib/errors'
import { entryLabel } from '@/lib/names/identifiers'
import { commitIntents } from '@/server/changes/actions/change-table'
import { createTableAction } from '@/server/changes/actions/create-table'
import { carryOut } from '@/server/changes/pipeline/carry-out'
import { propose } from '@/server/changes/proposals/proposals'
import { newAuditId } from '@/server/db/audit'
import { readChangePolicy } from '@/server/policy/change-policy'
import { requireNoSecrets } from '@/server/table/mask-properties'
import { findGuarded, planTable } from '../table-plan'
import { type FolderContext, type PlannedEntry, planEntry } from './planned-entry'
import type { DeclaredTable } from './read-folder'

/** Compares a table with its file. A table that does not exist would be created. */
export function planDeclaredTable(context: FolderContext, declared: DeclaredTable): Promise<PlannedEntry> {
  const { file, identifier } = declared
  return planEntry({ kind: 'table', name: entryLabel(identifier), file }, async () => {
    try {
      return await planChanges(context, declared)
    } catch (error) {
      if (error instanceof AppError && error.code === 'not-found') return planCreation(context, declared)
      throw error
    }
  })
}

async function planChanges(context: FolderContext, { identifier, declaration }: DeclaredTable) {
  const { services, request, allowed } = context
  const { intents, warnings } = await planTable(services, identifier, declaration, request.signal)
  requireNoSecrets(intents)
  const { requiresProposal } = await readChangePolicy(services.database, identifier)
  const apply: PlannedEntry['apply'] = async (proposal) => {
    if (requiresProposal && proposal !== null) {
      const action = { kind: 'change-table' as const, intents: [...intents] }
      const { proposalId } = await propose(
        services,
        { kind: 'table', identifier },
        { action, ...proposal },
        { ...request, idempotencyKey: newAuditId() },
      )
      return { result: 'proposed', proposalId }
    }
    const { auditId } = await commitIntents(services, identifier, intents, {
      ...request,
      idempotencyKey: newAuditId(),
      // The flag stands for the typed name of what cannot be undone.
      ...(allowed['allow-upgrade'] && { confirmedName: entryLabel(identifier) }),
    })
    return { result: 'committed', auditId }
  }
  const changes = intents.map((intent) => {
    const sign = intentSign(intent)
    return { sign: sign === '−' ? ('-' as const) : sign, text: intentSentence(intent) }
  })
  const missingFlags = [...new Set(findGuarded(intents, allowed).map(({ flag }) => flag))]
  return { entry: { changes, warnings, needsProposal: requiresProposal && changes.length > 0, missingFlags }, apply }
}

async function planCreation(context: FolderContext, { identifier, declaration }: DeclaredTable) {
  const { services, request } = context
  const input = { declaration: declarationToText(declaration) }
  const catalog = await services.catalogs.open(identifier.catalog, request.actor)
  const { problem } = await createTableAction.review({ services, catalog, ...request }, identifier, input)
  if (problem) throw problem
  const apply: PlannedEntry['apply'] = async () => {
    const creation = { on: identifier, input }
    const { auditId } = await carryOut(services, createTableAction, creation, {
      ...request,
      idempotencyKey: newAuditId(),
    })
    return { result: 'committed', auditId }
  }
  return { entry: { changes: [{ sign: '+' as const, text: 'Create the table, which is empty' }] }, apply }
}
