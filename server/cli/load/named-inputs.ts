import 'server-only'
import { inputName } from '@/server/ingest/run/ingest-spec'
import { nameLocations } from '@/server/ingest/run/load-inputs'
import {
  openLocatedInput,
  openLocationInput,
  openUrlInput,
  type PreviewedInput,
  toUploadedInput,
} from '@/server/ingest/preview/previewed-input'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { findUpload } from '@/server/uploads/find-upload'
import type { Services } from '@/server/services'
import type { CommandLineInput } from './input-files'

/** The inputs with the names that the load gives to their files. */
export function nameInputs(inputs: readonly CommandLineInput[]): [CommandLineInput, string][] {
  const names = nameLocations(inputs.map(locationOf))
  return inputs.map((input) => [input, names.get(locationOf(input)) ?? inputName(input)])
}

function locationOf(input: CommandLineInput): string {
  return 'location' in input ? input.location : inputName(input)
}

/**
 * The beginning of an input; of a pattern the first file that matches.
 *
 * @throws {AppError} file-missing, location-refused
 */
export async function openNamedInput(
  services: Services,
  input: CommandLineInput,
  { name, signal }: { name: string; signal: AbortSignal },
): Promise<PreviewedInput> {
  if ('location' in input) return openLocatedInput(services, { location: input.location, name }, signal)
  if ('url' in input) return openUrlInput(services, input)
  if ('uploadId' in input)
    return toUploadedInput(services, await findUpload(services.database, input.uploadId, actorFor(COMMAND_LINE)))
  const opened = await openLocationInput(services, input, signal)
  return 'path' in input ? { ...opened, name } : opened
}
