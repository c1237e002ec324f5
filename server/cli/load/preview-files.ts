import 'server-only'
import { visibleText } from '@/lib/format/visible-text'
import { APPEND_TO_MAIN } from '@/lib/ingest/load-landing'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { ReadingKind } from '@/lib/ingest/readings/csv-question'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import type { IngestSpec } from '@/server/ingest/run/ingest-spec'
import { resolveTarget } from '@/server/ingest/run/ingest-target'
import { nameInput } from '@/server/ingest/run/load-inputs'
import { previewLoad } from '@/server/ingest/preview/preview-load'
import { type ComparedInput, findRepeats } from '@/server/ingest/run/repeats/find-repeats'
import { stopsAtRepeats } from '@/server/ingest/run/repeats/repeat-guard'
import type { Services } from '@/server/services'
import type { Terminal } from '../verb'
import type { FilePreview } from './file-preview'
import type { CommandLineInput } from './input-files'
import { nameInputs, openNamedInput } from './named-inputs'
import { previewLines } from './preview-text'
import { findStopReasons, repeatReason } from './stop-reasons'

/**
 * Prints the first rows of each file as the load would store them, and everything that would stop it.
 *
 * @returns 1 if the load would stop
 * @throws {AppError} what the load would throw before it reads rows
 */
export async function previewFiles(
  services: Services,
  table: TableIdentifier,
  { inputs, ...spec }: Omit<IngestSpec, 'input'> & { inputs: readonly CommandLineInput[] },
  { answered, isJson, terminal }: { answered: ReadonlySet<ReadingKind>; isJson: boolean; terminal: Terminal },
): Promise<number> {
  const { landing = APPEND_TO_MAIN } = spec
  const { signal } = terminal
  const actor = actorFor(COMMAND_LINE)
  const catalog = await services.catalogs.open(table.catalog, actor)
  const {
    schema,
    spec: partitionSpec,
    rules,
    table: target,
  } = await resolveTarget(
    { catalog, run: { table }, log: (sentence) => terminal.printMessage(sentence) },
    { ...spec, landing },
  )
  const previews: FilePreview[] = []
  const compared: ComparedInput[] = []
  for (const [position, [source, name]] of nameInputs(inputs).entries()) {
    try {
      const input = await openNamedInput(services, source, { name, signal })
      const on = { schema, spec: partitionSpec, rules, table: target }
      const previewed = { userId: actor.userId, ...on, input, options: spec }
      const preview = { file: input.name, ...(await previewLoad(services.runPreview, previewed, signal)) }
      previews.push(preview)
      compared.push({ ...input, position })
      if (!isJson) for (const line of previewLines(preview)) terminal.print(line)
    } catch (error) {
      throw inputs.length === 1 ? error : nameInput(error, name)
    }
  }
  const isCompared = target !== null && stopsAtRepeats(spec)
  const repeats = isCompared ? await findRepeats(services.database, target.metadata, compared, { actor, signal }) : []
  const reasons = [...findStopReasons(previews, { ...spec, answered }), ...repeats.flatMap(repeatReason)]
  if (isJson) terminal.print(JSON.stringify({ wouldStop: reasons.length > 0, reasons, files: previews }))
  for (const reason of reasons) terminal.printMessage(visibleText(reason))
  terminal.printMessage(
    reasons.length === 0
      ? 'The load would not stop at these rows. Nothing was loaded.'
      : 'The load would stop. Nothing was loaded.',
  )
  return reasons.length === 0 ? 0 : 1
}
