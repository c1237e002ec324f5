import 'server-only'
import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { declarationIntents } from '@/lib/changes/declaration/declaration-intents'
import { requireDeclaration } from '@/lib/changes/declaration/declaration-text'
import { parseDeclarationYaml } from '@/lib/changes/declaration/declaration-yaml'
import type { TableDeclaration } from '@/lib/changes/declaration/table-declaration'
import { type Intent, intentSentence, intentSign } from '@/lib/changes/intents/intent'
import { changeForIntents, warningsForIntents } from '@/lib/changes/intents/intent-changes'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import type { Services } from '@/server/services'
import { maskProperties } from '@/server/table/mask-properties'

export const MAX_FILE_BYTES = 4 * 1024 * 1024

/** Flags with which the operator allows a removal or an upgrade. */
export type AllowingFlag = 'allow-drops' | 'allow-removals' | 'allow-upgrade'
export type Allowed = Readonly<Record<AllowingFlag, boolean>>

/** The changes that would make a table match a file. */
export async function planTable(
  services: Services,
  identifier: TableIdentifier,
  declaration: TableDeclaration,
  signal: AbortSignal,
): Promise<{ intents: readonly Intent[]; warnings: readonly string[] }> {
  const { metadata } = await loadTable(services, identifier, signal)
  const shown = maskProperties(services.keys, metadata.properties, metadata.tableUuid, () => true)
  // Properties that grant access are in no file, so a file does not remove them.
  const intents = declarationIntents(metadata, declaration).filter(
    (intent) => intent.kind !== 'remove-property' || shown[intent.key] === metadata.properties[intent.key],
  )
  if (intents.length === 0) return { intents, warnings: [] }
  changeForIntents(metadata, intents)
  return { intents, warnings: warningsForIntents(metadata, intents) }
}

/** As the command line, which may read everything. */
export async function loadTable(services: Services, identifier: TableIdentifier, signal: AbortSignal) {
  const catalog = await services.catalogs.open(identifier.catalog, actorFor(COMMAND_LINE))
  return catalog.loadTable(identifier, { signal })
}

/** @throws {AppError} invalid-request naming the part of the file that is wrong; file-missing, too-large */
export async function readDeclaration(file: string): Promise<TableDeclaration> {
  const { value, lineOf } = await readYaml(file)
  return requireDeclaration(value, file, lineOf)
}

/** @throws {AppError} invalid-request, file-missing, too-large */
export async function readYaml(file: string): Promise<ReturnType<typeof parseDeclarationYaml>> {
  const bytes = await (file === '-' ? buffer(process.stdin) : readFile(file)).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('file-missing', `${file} cannot be read: ${reason}`, { cause })
  })
  if (bytes.byteLength > MAX_FILE_BYTES) {
    throw new AppError('too-large', `${file} is larger than ${MAX_FILE_BYTES} bytes, so it cannot describe one table.`)
  }
  return parseDeclarationYaml(bytes.toString('utf8'))
}

/**
 * Another client may have added a part that the file omits, and a format version cannot be lowered again, so removals
 * and upgrades have to be requested.
 */
export function requireAllowed(intents: readonly Intent[], allowed: Allowed): void {
  const guarded = findGuarded(intents, allowed)
  if (guarded.length === 0) return
  const flags = [...new Set(guarded.map(({ flag }) => `--${flag}`))].join(' and ')
  const sentences = guarded.map(({ intent }) => intentSentence(intent)).join('; ')
  throw new AppError('invalid-request', `${sentences}: use ${flags} if that is intended. Nothing was changed.`)
}

/** The intents that need a flag which was not given. */
export function findGuarded(
  intents: readonly Intent[],
  allowed: Allowed,
): readonly { intent: Intent; flag: AllowingFlag }[] {
  return intents.flatMap((intent) => {
    const flag = guardingFlag(intent)
    return flag === null || allowed[flag] ? [] : [{ intent, flag }]
  })
}

function guardingFlag(intent: Intent): AllowingFlag | null {
  if (intent.kind === 'upgrade-format-version') return 'allow-upgrade'
  if (intentSign(intent) !== '−') return null
  return intent.kind === 'drop-column' ? 'allow-drops' : 'allow-removals'
}
