import 'server-only'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import type { Services } from '@/server/services'
import { removeUpload } from '@/server/uploads/remove-upload'
import { uploadPipe } from '@/server/uploads/upload-pipe'
import { type Terminal, UsageError } from '../../verb'
import type { PipeInput } from '../given-inputs'
import { type CommandLineInput, PIPE_NAME } from '../input-files'

/** The inputs of a load, with what came through the pipe as an upload, which any worker can read, more than once. */
export type StoredInputs = {
  inputs: CommandLineInput[]
  /** Removes the upload of a load that was not queued. A run removes it, or it expires. */
  discard(): Promise<void>
}

/** @throws {UsageError} without a pipe */
export async function storePipe(
  services: Services,
  found: readonly (CommandLineInput | PipeInput)[],
  { table, terminal }: { table: TableIdentifier; terminal: Terminal },
): Promise<StoredInputs> {
  const inputs: CommandLineInput[] = []
  let discard = async () => {}
  for (const source of found) {
    if (!('isPipe' in source)) {
      inputs.push(source)
      continue
    }
    const { pipe, signal } = terminal
    if (pipe == null) throw new UsageError('- reads standard input, which is a terminal: pipe a file into the command')
    const actor = actorFor(COMMAND_LINE)
    const upload = await uploadPipe(services, actor, { target: table, fileName: PIPE_NAME }, { pipe, signal })
    inputs.push({ uploadId: upload.uploadId, name: upload.fileName })
    discard = async () => void (await removeUpload(services, upload))
  }
  return { inputs, discard }
}

/** @throws {UsageError} a proposal is for files that stay where they are */
export function requireNoPipe(found: readonly (CommandLineInput | PipeInput)[]): void {
  if (found.some((source) => 'isPipe' in source))
    throw new UsageError('--propose is for files that stay where they are, and not for a pipe')
}
