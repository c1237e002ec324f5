import 'server-only'
import path from 'node:path'
import { proposalText } from '@/lib/contract/proposals'
import { MAX_LOADED_FILES } from '@/lib/contract/shapes/load-options'
import type { ProposedFile } from '@/lib/contract/shapes/proposed-table-action'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { proposedFileLabel } from '@/lib/proposals/load-texts'
import { sum } from '@/lib/sum'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { propose } from '@/server/changes/proposals/proposals'
import { digestInput, digestLocationFile } from '@/server/ingest/run/input-digest'
import type { IngestSpec } from '@/server/ingest/run/ingest-spec'
import { findPaths } from '@/server/ingest/run/location-sources'
import { openLoadLocation } from '@/server/load-locations/open-location'
import type { Services } from '@/server/services'
import { type Terminal, UsageError } from '../verb'
import type { CommandLineInput } from './input-files'

type ProposedText = { title: string; note: string }

/** @throws {UsageError} for texts that a proposal cannot have */
export function parseProposal(title: string, note = ''): ProposedText {
  const text = proposalText.safeParse({ title, note })
  if (text.success) return text.data
  throw new UsageError('--propose is one line of 1 to 200 characters, and --note has up to 5000')
}

type ProposedOptions = Omit<IngestSpec, 'input' | 'create' | 'correctsRunId' | 'history' | 'uploadedBy' | 'proposed'>

/**
 * Stores the load for another user to commit, with what tells its files from any other. Patterns stand for the files that
 * match now.
 */
export async function proposeLoad(
  services: Services,
  table: TableIdentifier,
  { inputs, ...options }: ProposedOptions & { inputs: readonly CommandLineInput[] },
  { text, terminal }: { text: ProposedText; terminal: Terminal },
): Promise<number> {
  const { signal } = terminal
  const files: ProposedFile[] = []
  for (const input of inputs) files.push(...(await digestFiles(services, input, signal)))
  const [first, ...otherFiles] = files
  if (first === undefined) throw new UsageError('no file is given')
  if (files.length > MAX_LOADED_FILES)
    throw new UsageError(`a load has at most ${MAX_LOADED_FILES} files: propose it in parts`)
  const { proposalId } = await propose(
    services,
    { kind: 'table', identifier: table },
    {
      action: { kind: 'load', ...first, ...(otherFiles.length > 0 && { otherFiles }), ...toProposedOptions(options) },
      ...text,
    },
    { actor: actorFor(COMMAND_LINE), signal, requestId: null },
  )
  const size = formatBytes(sum(files.map(({ sizeBytes }) => sizeBytes)))
  const others = otherFiles.length === 0 ? '' : ` and ${formatQuantity(otherFiles.length, 'other file')}`
  const subject = `${path.basename(proposedFileLabel(first))}${others}`
  terminal.printMessage(`The load of ${subject}, ${size}, is proposed (${proposalId}). Nothing was loaded.`)
  return 0
}

function toProposedOptions({ mapping, landing, ...options }: ProposedOptions) {
  return {
    ...options,
    ...(mapping && { mapping: { columns: { ...mapping.columns }, ignoredFields: [...mapping.ignoredFields] } }),
    ...(landing && { landing: { ...landing } }),
  }
}

/** @throws {AppError} file-missing, location-refused; file-damaged for a file that changes while it is read */
async function digestFiles(
  services: Services,
  input: CommandLineInput,
  signal: AbortSignal,
): Promise<readonly ProposedFile[]> {
  if ('location' in input)
    return [{ input: input.location, ...(await digestInput(services.stores, input.location, signal)) }]
  if ('url' in input) throw new UsageError('--propose is for files that stay where they are, and not for URLs')
  if ('uploadId' in input) throw new UsageError('--propose is not for a pipe')
  const files = await openLoadLocation(services, input.loadLocation)
  const found = 'path' in input ? [input.path] : await findPaths(files, input.match, signal)
  const proposed: ProposedFile[] = []
  for (const file of found)
    proposed.push({
      input: { location: files.name, path: file },
      ...(await digestLocationFile(files, file, signal)),
    })
  return proposed
}
